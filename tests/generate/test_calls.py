# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Every input and output of a call: what is recorded of it, and what is refused."""
import unittest
import unittest.mock
from dataclasses import replace

import numpy as np
import torch

from golden.generate.calls import Packed
from golden.generate.capture import Capture
from golden.generate.errors import CannotError, TooCloseError
from golden.generate.packed import block_diagonal
from golden.generate.record import model_inputs, record, run_calls
from golden.generate.sites import layout_of
from tests.generate.support import model_of, stored


class CallTest(unittest.TestCase):
    def test_hidden_states_are_the_embeddings_the_layers_but_the_last_and_the_norm(self):
        values = stored("granitemoeshared_tuples").truth[0]
        hidden = values["hidden_states"]
        np.testing.assert_array_equal(hidden[0], values["embed_out"])
        np.testing.assert_array_equal(hidden[1], values["layers/000/layer_out"])
        np.testing.assert_array_equal(hidden[2], values["final_norm_out"])

    def test_a_tuple_that_is_not_what_was_seen_is_refused(self):
        golden = stored("granitemoeshared_tuples")
        original = Capture._take_tuples

        def shifted(capture, output, call):
            output.attentions = tuple(tensor * 2 for tensor in output.attentions)
            original(capture, output, call)

        with unittest.mock.patch.object(Capture, "_take_tuples", shifted):
            with self.assertRaisesRegex(CannotError, "attentions.0.: expected the bits of layers/000/attn_probs"):
                record(model_of(golden), golden.calls[:1])

    def test_the_loss_is_the_mean_of_the_targets(self):
        golden = stored("granitemoe_loss_holes")
        logits, labels = golden.truth[0]["logits"][:, :-1], golden.calls[0].labels[:, 1:]
        shifted = logits - logits.max(axis=-1, keepdims=True)
        terms = np.log(np.exp(shifted).sum(axis=-1)) - np.take_along_axis(
            shifted, np.maximum(labels, 0)[..., None], -1
        )[..., 0]
        np.testing.assert_allclose(golden.truth[0]["loss"], terms[labels != -100].mean(), rtol=1e-13)

    def test_kept_logits_are_those_of_all_at_their_places(self):
        golden = stored("granitemoe_logits_to_keep")
        model = model_of(golden)
        call = golden.calls[2]
        every = replace(call, logits_positions=None)
        logits = model(**model_inputs(every, torch.float32), use_cache=False).logits.numpy()
        np.testing.assert_allclose(golden.hf32[2]["logits"], logits[:, call.logits_positions], rtol=1e-4)

    def test_a_cache_of_the_caller_goes_on_as_one_of_the_model(self):
        golden = stored("granitemoehybrid_given_cache")
        first, second = golden.calls
        layers = first.past_key_values.layers
        np.testing.assert_array_equal(golden.hf32[0]["layers/001/cache_k"][:, :, :4], layers[1]["keys"])
        self.assertEqual(golden.hf32[1]["layers/001/cache_k"].shape[2], 4 + first.tokens + second.tokens)

    def test_dynamic_frequencies_stay_from_one_sequence_to_the_next(self):
        tables = [values["rope_inv_freq"] for values in stored("granitemoeshared_rope_dynamic_memory").truth]
        self.assertFalse(np.array_equal(tables[0], tables[3]))  # 12 tokens, 7 tokens
        np.testing.assert_array_equal(tables[0], tables[1])  # 9 tokens: those of the 12
        np.testing.assert_array_equal(tables[0], tables[2])  # 8, the original length, too
        self.assertFalse(np.array_equal(tables[0], tables[4]))  # 9 after the reset

    def test_packed_sequences_are_the_values_of_separate_runs(self):
        golden = stored("granitemoehybrid_packed")
        call = golden.calls[0]
        model = model_of(golden)
        for first, end in call.packed.borders:
            alone = replace(call, packed=None, input_ids=call.input_ids[:, first:end])
            values = run_calls(model, layout_of(model.config), [alone])[0][0]
            np.testing.assert_allclose(golden.hf32[0]["logits"][:, first:end], values["logits"], rtol=1e-4, atol=1e-6)

    def test_tokens_of_other_sequences_are_not_seen(self):
        golden = stored("granitemoehybrid_packed")
        visible = golden.truth[0]["layers/001/attn_visible"][0]
        row = golden.calls[0].packed.seq_idx[0]
        np.testing.assert_array_equal(visible, np.tril(row[:, None] == row[None, :]))

    def test_blocks_stand_on_the_diagonal(self):
        parts = [np.full((1, 2, 2), 5.0), np.full((1, 1, 1), 7.0)]
        np.testing.assert_array_equal(block_diagonal(parts, 1, 2), [[[5, 5, 0], [5, 5, 0], [0, 0, 7]]])
        self.assertEqual(Packed.of((2, 1)).seq_idx.tolist(), [[0, 0, 1]])

    def test_pooling_goes_by_the_last_token_that_is_no_pad(self):
        golden = stored("phimoe_classify_right_pad")
        values, ids = golden.truth[0], golden.calls[0].input_ids
        last = [int(np.flatnonzero(row != 0)[-1]) for row in ids]
        self.assertEqual(last, [2, 4, 1])
        np.testing.assert_array_equal(values["pooled_logits"], values["score_out"][np.arange(3), last])

    def test_what_other_orders_of_summation_move_far_is_refused(self):
        golden = stored("granitemoe_masked_row")
        with unittest.mock.patch("golden.generate.conditioning.RATIO_L2", 0.01):
            with unittest.mock.patch("golden.generate.conditioning.FLOOR", 0.0):
                with self.assertRaisesRegex(TooCloseError, "expected to be well conditioned"):
                    record(model_of(golden), golden.calls, other_orders=1)


if __name__ == "__main__":
    unittest.main()
