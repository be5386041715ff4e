# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Runs of generate(): their draws, their stops, and what is refused."""
import unittest
from dataclasses import replace

import numpy as np
import torch

from golden.generate.errors import TooCloseError
from golden.generate.generation import chosen_by, inverse_cumulative, record_generation
from golden.generate.plans import Processors
from golden.generate.steadiness import chain, unfinished
from tests.generate.support import model_of, stored


class GenerationTest(unittest.TestCase):
    def test_a_draw_takes_the_first_token_whose_cumulative_probability_exceeds_it(self):
        probs = np.array([[0.25, 0.0, 0.5, 0.25]], dtype=np.float32)
        for draw, token in ((0.0, 0), (0.2, 0), (0.25, 2), (0.74, 2), (0.75, 3), (0.999, 3)):
            self.assertEqual(inverse_cumulative(probs, [draw]).tolist(), [token], draw)

    def test_where_rounding_leaves_no_token_the_last_possible_one_is_taken(self):
        self.assertEqual(inverse_cumulative(np.array([[0.5, 0.4999, 0.0]]), [0.99999]).tolist(), [1])

    def test_greedy_tokens_are_the_largest_logits_of_both_runs(self):
        run = stored("phimoe_generate_longrope").generation
        for side in (run.truth, run.hf32):
            np.testing.assert_array_equal(side["logits"].argmax(axis=-1).T, run.chosen)

    def test_a_row_that_stopped_is_padded(self):
        for name in ("granitemoe_generate_left_padded", "granitemoehybrid_generate_pad_null"):
            run = stored(name).generation
            pad = run.pad if run.pad >= 0 else run.eos[0]
            ends = {row: step for step, row in unfinished(run)}
            self.assertGreater(len(set(ends.values())), 1)
            for row, tokens in enumerate(run.chosen):
                self.assertTrue((tokens[ends[row] + 1 :] == pad).all(), name)

    def test_probabilities_are_those_of_the_processors(self):
        run = stored("phimoe_generate_sample_all").generation
        for step, row in unfinished(run):
            ids = torch.from_numpy(run.sequences[row : row + 1, : run.input_ids.shape[1] + step])
            scores = chain(run.plan.processors)(ids, torch.from_numpy(run.truth["logits"][step, row : row + 1]))
            np.testing.assert_allclose(torch.softmax(scores, -1)[0].numpy(), run.truth["probs"][step, row], rtol=1e-12)

    def test_the_tie_is_one(self):
        run = stored("granitemoe_generate_tie").generation
        best = np.sort(run.truth["logits"], axis=-1)
        gaps = best[..., -1] - best[..., -2]
        self.assertLess(gaps.min(), 1e-6)
        self.assertGreater(gaps[:2].min(), 1e-6)

    def test_a_near_tie_is_refused_where_none_is_wanted(self):
        golden = stored("granitemoe_generate_tie")
        with self.assertRaisesRegex(TooCloseError, "expected the best two logits 0.001 apart"):
            record_generation(model_of(golden), replace(golden.generation), least_margin=0.0)

    def test_a_draw_near_a_border_is_refused(self):
        golden = stored("granitemoe_generate_sample_temperature")
        run = golden.generation
        border = np.cumsum(run.truth["probs"][0, 0])[int(run.chosen[0, 0])]
        uniform = run.uniform.copy()
        uniform[0, 0] = border - 1e-6
        with self.assertRaisesRegex(TooCloseError, "step 0 row 0: expected draws 0.0001 from every border"):
            record_generation(model_of(golden), replace(run, uniform=uniform), least_margin=0.0)

    def test_a_filter_near_a_border_is_refused(self):
        golden = stored("granitemoehybrid_generate_sample_top_p")
        run = golden.generation
        plain = chain(Processors())(None, torch.from_numpy(run.truth["logits"][0, :1]))
        ranked = np.sort(torch.softmax(plain, -1)[0].numpy())[::-1]
        plan = replace(run.plan, processors=Processors(top_p=float(np.cumsum(ranked)[2] - 1e-6)))
        with self.assertRaisesRegex(TooCloseError, "expected"):
            record_generation(model_of(golden), replace(run, plan=plan), least_margin=0.0)

    def test_the_place_where_tokens_are_chosen_is_given_back(self):
        before = (torch.argmax, torch.multinomial)
        with chosen_by(lambda step, values: values.argmax(-1), []):
            self.assertIsNot(torch.argmax, before[0])
        self.assertEqual((torch.argmax, torch.multinomial), before)


if __name__ == "__main__":
    unittest.main()
