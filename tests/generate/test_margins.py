# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Router margins, on scores that can be checked by hand and on random ones."""
import unittest

import numpy as np
import torch
from transformers.models.phimoe.modeling_phimoe import sparsemixer

from golden.generate.margins import NO_OTHER_DECISION, has_order_tie, sparsemixer_margin, top_k_margin
from tests.generate.support import model_of, stored


class MarginsTest(unittest.TestCase):
    def margin(self, scores, jitter=0.01):
        return sparsemixer_margin(np.array([scores]), jitter)[0]

    def test_top_k_margin_is_the_gap_behind_the_last_chosen(self):
        np.testing.assert_allclose(top_k_margin([[0.5, 3.0, 1.0, 2.25]], 2), [1.25])

    def test_without_another_choice_the_margin_is_the_largest_double(self):
        self.assertEqual(top_k_margin([[1.0, 2.0]], 2)[0], NO_OTHER_DECISION)

    def test_the_gap_between_first_and_second_expert_decides(self):
        # gaps 0.01 and 0.01; bands |0.01 - 0.04|, |0.02 - 0.04|, |0.01 - 0.0398| are wider
        self.assertAlmostEqual(self.margin([2, 1.99, 1.98, 1]), 0.01 / 1.01, places=14)

    def test_a_score_on_the_edge_of_the_band_has_no_margin(self):
        self.assertLess(self.margin([2, 1.96, 1.95, 1.94]), 1e-15)  # 2 - 1.96 = 0.04 = 2 * 0.01 * 2

    def test_negative_scores_are_measured_by_their_own_size(self):
        # the last in the first band: (-1 + 1.0205) - 0.02 * 1.0205 = 0.00009
        self.assertAlmostEqual(self.margin([-1, -1.005, -1.02, -1.0205]), 0.00009 / 1.01, places=12)

    def test_a_maximum_of_zero_does_not_count_as_an_edge(self):
        # second band: best -1, next -2: 1 - 0.02 * 2
        self.assertAlmostEqual(self.margin([0, -1, -2, -3]), 0.96 / 1.01, places=14)

    def test_a_tie_has_no_margin(self):
        self.assertEqual(self.margin([1, 1, 0.5, 0.2]), 0.0)

    def test_no_decision_changes_while_logits_move_by_less_than_half_the_margin(self):
        random = np.random.Generator(np.random.PCG64(7))
        for jitter in (0.01, 0.15, 0.3):
            scores = random.uniform(-2, 2, (400, 5))
            margins = sparsemixer_margin(scores, jitter)
            for _ in range(20):
                moved = scores + random.choice([-0.4999, 0.4999], scores.shape) * margins[:, None]
                self.assertTrue(np.array_equal(decisions(scores, jitter), decisions(moved, jitter)))

    def test_margins_are_not_needlessly_small(self):
        random = np.random.Generator(np.random.PCG64(8))
        scores, jitter, changed = random.uniform(-2, 2, (400, 5)), 0.15, np.zeros(400, dtype=bool)
        margins = sparsemixer_margin(scores, jitter)
        for signs in np.ndindex(*(3,) * 5):  # every corner and face of the cube around the scores
            moved = scores + (np.array(signs) - 1) * 0.7 * margins[:, None]
            changed |= (decisions(scores, jitter) != decisions(moved, jitter)).any(axis=1)
        self.assertGreater(changed.mean(), 0.9)

    def test_equal_logits_among_the_chosen_are_a_tie_and_others_are_not(self):
        config = model_of(stored("granitemoe_prefill")).config  # three experts a token
        self.assertTrue(has_order_tie(config, np.array([[5.0, 4, 4, 1, 0, 0, 0, 0]])))
        self.assertTrue(has_order_tie(config, np.array([[5.0, 4, 3, 3, 0, 0, 0, 0]])))
        self.assertFalse(has_order_tie(config, np.array([[5.0, 4, 3, 1, 0, 0, 0, 0]])))


def decisions(scores, jitter):
    """[T, 2 + 2*E]: the experts that transformers chooses and, in both steps, whether an expert is kept. The latter
    shows in the weights alone, so it is read off the rule of the source."""
    _, experts = sparsemixer(torch.from_numpy(scores), jitter, training=False)
    experts = experts.numpy()
    kept = []
    remaining = scores.copy()
    for step in range(2):
        best = remaining.max(axis=1, keepdims=True)
        factor = np.maximum(np.abs(scores), best)
        kept.append(((best - scores) / factor <= 2 * jitter) & np.isfinite(remaining))
        np.put_along_axis(remaining, experts[:, step : step + 1], -np.inf, axis=1)
    return np.concatenate([experts, *kept], axis=1)


if __name__ == "__main__":
    unittest.main()
