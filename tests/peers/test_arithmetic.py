# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""What a model computes and reads, against numbers made by hand."""
import tempfile
import unittest

from bench.peers import arithmetic
from tests.generate.small_checkpoints import mamba_checkpoint, moe_checkpoint


class ArithmeticTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def test_a_token_passes_two_of_four_experts_and_all_other_matrices(self):
        checkpoint = moe_checkpoint(self.directory)
        attention, router, experts = 64 + 32 + 32 + 64, 32, (4 * 6 * 8 + 4 * 8 * 3) // 2
        self.assertEqual(arithmetic.active_weights(checkpoint), attention + router + experts)

    def test_a_prompt_costs_its_matrices_its_visible_pairs_and_one_row_of_logits(self):
        counts = arithmetic.count(moe_checkpoint(self.directory), 5)
        matrices, head, pairs = 192 + 32 + 144, 11 * 8, 15
        self.assertEqual(counts.prefill_flops, 2 * matrices * 5 + 2 * head + 4 * 4 * 2 * pairs)
        self.assertEqual(counts.decode_weights, matrices + head)

    def test_a_mamba_layer_costs_its_recurrence(self):
        counts = arithmetic.count(mamba_checkpoint(self.directory), 7)
        matrices = 42 * 8 + 22 * 4 + 8 * 16 + 10 * 8 + 8 * 5
        self.assertEqual(counts.prefill_flops, 2 * matrices * 7 + 2 * 88 + 5 * 4 * 4 * 3 * 7)

    def test_a_window_limits_the_visible_pairs(self):
        for tokens, window in ((6, None), (6, 6), (6, 4), (6, 1), (3, 9)):
            seen = sum(1 for q in range(tokens) for k in range(q + 1) if window is None or k > q - window)
            self.assertEqual(arithmetic.visible_pairs(tokens, window), seen, (tokens, window))

    def test_an_untied_head_is_the_one_that_is_read(self):
        self.assertEqual(arithmetic.head_name({"lm_head.weight": None}), "lm_head.weight")
