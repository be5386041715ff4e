# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The list of sites, and the checks that stand before a file is written."""
import unittest
from dataclasses import replace

import numpy as np

from golden.generate.cases import COMMITTED, phimoe
from golden.generate.errors import CannotError
from golden.generate.model import read_config
from golden.generate.self_check import check_margins, check_not_vacuous, check_sites
from golden.generate.sites import layer_path, layout_of, ordered_sites, site_name
from tests.generate.support import DATA, stored


class SitesTest(unittest.TestCase):
    def setUp(self):
        self.golden = stored("granitemoehybrid_cache")
        self.layout = layout_of(read_config(self.golden.config_text, "test"))
        self.values = {path: value.copy() for path, value in self.golden.truth[0].items()}

    def refuses(self, pattern):
        with self.assertRaisesRegex(CannotError, pattern):
            check_sites("test", self.layout, self.golden.calls[0], self.values, truth=True)

    def test_every_committed_golden_has_exactly_the_listed_sites(self):
        for name in COMMITTED:
            golden = stored(name)
            layout = layout_of(read_config(golden.config_text, name))
            for call, truth, hf32 in zip(golden.calls, golden.truth, golden.hf32):
                check_sites(name, layout, call, truth, truth=True, not_recorded=golden.not_recorded)
                check_sites(name, layout, call, hf32, truth=False, not_recorded=golden.not_recorded)

    def test_every_committed_case_has_its_file_and_no_file_is_left_over(self):
        self.assertEqual({path.stem for path in DATA.glob("*.h5")}, set(COMMITTED))

    def test_all_committed_goldens_together_stay_below_twenty_three_megabytes(self):
        self.assertLess(sum(path.stat().st_size for path in DATA.glob("*.h5")), 23_000_000)

    def test_each_architecture_has_at_least_three_cases(self):
        for model_type in ("granitemoe", "granitemoeshared", "granitemoehybrid", "phimoe"):
            self.assertGreaterEqual(sum(case.model_type == model_type for case in COMMITTED.values()), 3)

    def test_a_missing_site_is_refused(self):
        del self.values[layer_path(0, "conv_out")]
        self.refuses("missing .*layers/000/conv_out")

    def test_an_extra_site_is_refused(self):
        self.values[layer_path(0, "q_proj")] = np.ones(3)  # layer 0 is Mamba2
        self.refuses("extra .*layers/000/q_proj")

    def test_another_shape_is_refused(self):
        path = layer_path(0, "ssm_dt")
        self.values[path] = self.values[path].reshape(-1)
        self.refuses("ssm_dt: expected \\[B=2, L=4, Hm=5\\], found \\[40\\]")

    def test_another_dtype_is_refused(self):
        self.values["logits"] = self.values["logits"].astype(np.float32)
        self.refuses("logits: expected float64, found float32")

    def test_nan_and_infinity_are_refused(self):
        for value in (np.nan, np.inf):
            self.values["logits"] = np.full_like(self.values["logits"], value)
            self.refuses("logits: expected finite values")

    def test_a_site_of_zeros_is_refused(self):
        self.values[layer_path(1, "moe_out")] *= 0
        with self.assertRaisesRegex(CannotError, "moe_out: expected a value other than zero"):
            check_not_vacuous("test", self.values)

    def test_a_sine_of_zeros_is_accepted(self):
        check_not_vacuous("test", {"rope_sin": np.zeros(3)})

    def test_a_router_tie_is_refused(self):
        self.values[layer_path(1, "router_margin")][3] = 0
        with self.assertRaisesRegex(CannotError, "router_margin: expected every margin above 0, found 0 at token 3"):
            check_margins("test", self.values, 0.0)

    def test_no_committed_token_is_near_another_routing_decision(self):
        for name, case in COMMITTED.items():
            for values in stored(name).truth:
                if not case.exact:  # twin experts are alike in every engine: test_exact.py
                    check_margins(name, values, 1e-3)
                check_not_vacuous(name, values)

    def test_without_a_cache_there_are_no_cache_sites(self):
        call = replace(self.golden.calls[0], use_cache=False)
        names = set(map(site_name, ordered_sites(self.layout, call)))
        self.assertTrue(names.isdisjoint({"cache_k", "cache_v", "conv_state", "ssm_state"}))

    def test_both_runs_choose_the_same_experts(self):
        for name in COMMITTED:
            golden = stored(name)
            for truth, hf32 in zip(golden.truth, golden.hf32):
                for path in truth:
                    if site_name(path) == "router_experts":
                        np.testing.assert_array_equal(truth[path], hf32[path])

    def test_the_bands_of_sparsemixer_keep_more_than_the_winner(self):
        for name in (case.name for case in phimoe.CASES):
            weights = [v[p].ravel() for v in stored(name).truth for p in v if site_name(p) == "router_weights"]
            self.assertGreater((np.concatenate(weights) < 0.9).mean(), 0.2, name)


if __name__ == "__main__":
    unittest.main()
