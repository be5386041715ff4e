# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of a null distribution, on numbers that can be checked by hand."""
import unittest

import numpy as np

from golden.generate.errors import CannotError
from golden.generate.noise import UNIT, CallNoise, as_matrix, kl_divergence, kl_floors, shortened

U = UNIT["hf32"]


def noise_of(expected, runs, **more):
    noise = CallNoise(expected, U, **more)
    for values in runs:
        noise.add(values)
    return noise.figures()


class NoiseTest(unittest.TestCase):
    def test_rows_are_tokens_and_columns_what_a_site_counts(self):
        values = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
        self.assertEqual(as_matrix("layers/000/moe_out", values).shape, (24, 5))
        heads = as_matrix("layers/000/attn_probs", values)
        self.assertEqual(heads.shape, (40, 3))
        self.assertEqual(heads[1 * 20 + 2 * 5 + 4, 1], values[1, 1, 2, 4])
        channels = as_matrix("layers/000/q_rope", values)
        self.assertEqual(channels.shape, (8, 15))
        self.assertEqual(channels[1 * 4 + 3, 2 * 5 + 1], values[1, 2, 3, 1])

    def test_a_run_is_off_by_its_norms_its_largest_element_and_its_part_along_the_truth(self):
        truth = np.array([[3.0, 0.0], [0.0, 4.0]])
        runs = [truth + [[0.5, 0], [0, 0]], truth - [[0, 0], [2, 1]]]
        found = noise_of({"embed_out": truth}, [{"embed_out": values} for values in runs])
        np.testing.assert_allclose(found["l2"][:, 0], [0.5, np.sqrt(5)], rtol=1e-3)
        np.testing.assert_allclose(found["max"][:, 0], [0.5, 2])
        np.testing.assert_allclose(found["bias"][:, 0], [1.5 / 5, -4 / 5], rtol=1e-3)
        np.testing.assert_allclose(found["rows"], [0.5 / np.sqrt(2), np.sqrt(5 / 2)], rtol=1e-3)
        np.testing.assert_allclose(found["columns"], [np.sqrt(4.25 / 2), np.sqrt(1 / 2)], rtol=1e-3)

    def test_a_row_is_held_against_the_other_runs_and_their_share_of_the_whole(self):
        truth = np.array([[3.0], [4.0]])
        runs = [truth + [[0.3], [0]], truth + [[0], [0.5]], truth + [[0.1], [0.5]]]
        found = noise_of({"embed_out": truth}, [{"embed_out": values} for values in runs])
        # Of run 0 the others are off by 0.5 and sqrt(0.26) as a whole, by 0 and 0.1 in row 0, whose part is 3 / 5.
        others = np.sqrt((0.25 + 0.26) / 2)
        expected = 0.3 / max(np.sqrt(0.01 / 2), others * 3 / 5 / 2)
        self.assertAlmostEqual(found["row_ratio"][0, 0] / expected, 1, places=3)

    def test_nothing_counts_as_less_than_four_roundings(self):
        truth = np.array([[1.0, 1.0]])
        found = noise_of({"embed_out": truth}, [{"embed_out": truth * (1 + U)}, {"embed_out": truth}])
        np.testing.assert_allclose(found["row_ratio"][:, 0], [1 / 4, 0], rtol=1e-3)

    def test_a_run_that_does_not_show_a_site_is_no_other_of_it(self):
        truth = {"layers/000/attn_scores": np.ones((1, 1, 1, 2)), "layers/000/attn_out": np.ones((1, 1, 2))}
        shown = {path: values + 0.25 for path, values in truth.items()}
        found = noise_of(truth, [shown, shown, {"layers/000/attn_out": truth["layers/000/attn_out"]}])
        for name in ("l2", "max", "bias", "row_ratio", "column_ratio"):
            self.assertEqual(found[name][2, 0], -1, name)
            self.assertNotEqual(found[name][2, 1], -1, name)
        self.assertAlmostEqual(found["row_ratio"][0, 0], 1, places=3)
        self.assertAlmostEqual(found["rows"][0], 0.25, places=3)

    def test_constants_losses_tuples_and_integers_are_no_sites(self):
        ones = np.ones((1, 2))
        names = ("rope_inv_freq", "loss", "aux_loss", "hidden_states", "attentions", "layers/000/router_margin")
        truth = dict.fromkeys(names, ones) | {"layers/000/router_experts": ones.astype(np.int64), "logits": ones}
        self.assertEqual(CallNoise(truth, U).paths, ["logits"])
        self.assertEqual(noise_of(truth, [truth, truth], not_recorded=("logits",)), {})

    def test_a_value_that_is_not_finite_is_refused(self):
        truth = {"embed_out": np.ones((1, 2))}
        with self.assertRaisesRegex(CannotError, "expected finite values, found NaN or infinity in one of embed_out"):
            noise_of(truth, [{"embed_out": np.array([[1, np.nan]])}])

    def test_many_sites_at_once_are_as_one_after_the_other(self):
        random = np.random.Generator(np.random.PCG64(1))
        shapes = {"embed_out": (2, 3, 4), "layers/000/q_rope": (2, 2, 3, 4), "layers/000/ssm_state": (2, 3, 4, 5)}
        truth = {path: random.standard_normal(shape) for path, shape in shapes.items()}
        runs = [
            {path: values + random.standard_normal(values.shape) for path, values in truth.items()} for _ in range(3)
        ]
        together = noise_of(truth, runs)
        for column, path in enumerate(truth):
            alone = noise_of({path: truth[path]}, [{path: values[path]} for values in runs])
            for name in ("l2", "max", "bias", "row_ratio", "column_ratio"):
                np.testing.assert_array_equal(together[name][:, column], alone[name][:, 0], f"{path} {name}")


class DivergenceTest(unittest.TestCase):
    def test_it_is_the_definition(self):
        truth, found = np.array([[1.0, 2.0, 4.0]]), np.array([[1.5, 1.0, 3.0]])
        p, q = (np.exp(logits) / np.exp(logits).sum() for logits in (truth, found))
        self.assertAlmostEqual(kl_divergence(truth, found)[0], (p * np.log(p / q)).sum(), places=14)

    def test_it_keeps_its_digits_where_the_definition_has_none(self):
        truth = np.array([[0.0, 0.0]])
        step = 1e-9  # KL of (1/2, 1/2) is log cosh(step / 2)
        self.assertAlmostEqual(kl_divergence(truth, truth + [[0, step]])[0] / (step**2 / 8), 1, places=7)

    def test_the_same_shift_of_all_logits_is_nothing(self):
        self.assertLess(kl_divergence(np.array([[1.0, 2.0]]), np.array([[4.0, 5.0]]))[0], 1e-30)

    def test_its_floor_is_four_roundings_of_the_largest_logit(self):
        mean, largest = kl_floors(np.array([[1.0, -2.0], [0.0, 1.0]]), 0.25)
        self.assertEqual((mean, largest), ((2.0 + 0.5) / 2, 2.0))

    def test_figures_are_rounded_to_twelve_bits(self):
        values = np.array([0.0, -1.0, 1 + 2.0**-11, 1 + 2.0**-13])
        self.assertEqual(shortened(values).tolist(), [0, -1, 1 + 2.0**-11, 1])


if __name__ == "__main__":
    unittest.main()
