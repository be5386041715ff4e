# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Exact models: what is claimed of them, that they cannot hide a mistake, and that what is not exact is refused."""
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from golden.generate.cases import exact as cases
from golden.generate.cases import find_case
from golden.generate.errors import TooCloseError
from golden.generate.exact import (
    BITS, PER_SLOT, ExactSums, in_order_of_experts, last_bits, refuse_inexact, refuse_other_bits,
)
from golden.generate.exact_weights import exact_model
from golden.generate.make import make_case
from golden.generate.model import read_config
from golden.generate.record import run_calls
from golden.generate.sites import layer_path, layout_of, site_name
from tests.generate.support import model_of, stored

NAMES = [case.name for case in cases.CASES]
# The least share of values other than 0, over all calls and layers.
SHARES = {
    "logits": 0.9, "expert_act": 0.2, "shared_act": 0.2, "moe_out": 0.3, "conv_out": 0.4, "ssm_out": 0.5,
    "gated_norm_out": 0.25, "attn_out": 0.6, "mixer_out": 0.35,
}


def values_of(golden, site, side="truth"):
    return [array for values in getattr(golden, side) for path, array in values.items() if site_name(path) == site]


def aligned(path, values):
    return in_order_of_experts(path, values[path], values) if site_name(path) in PER_SLOT else values[path]


class ExactGoldensTest(unittest.TestCase):
    def test_the_truth_has_the_very_numbers_of_the_float32_run(self):
        for name in NAMES:
            golden = stored(name)
            self.assertIn("logits", golden.exact)
            for truth, hf32 in zip(golden.truth, golden.hf32):
                for path, array in hf32.items():
                    if site_name(path) in golden.exact:
                        wide, narrow = (aligned(path, side) for side in (truth, hf32))
                        np.testing.assert_array_equal(wide, narrow.astype(np.float64), f"{name} {path}")

    def test_no_value_has_more_bits_than_a_float32(self):
        for name in NAMES:
            for values in stored(name).hf32:
                logits = torch.from_numpy(values["logits"])
                self.assertLess(np.log2(np.abs(values["logits"]).max() / last_bits(logits).min()), BITS)

    def test_most_of_what_is_computed_is_not_zero(self):
        for name in NAMES:
            for site, least in SHARES.items():
                arrays = values_of(stored(name), site)
                if arrays:
                    share = np.mean(np.concatenate([array.ravel() for array in arrays]) != 0)
                    self.assertGreater(share, least, f"{name} {site}")

    def test_every_expert_is_chosen_and_weights_are_one_a_half_and_less(self):
        for name in NAMES:
            golden = stored(name)
            experts = read_config(golden.config_text, name).num_local_experts
            chosen = {int(expert) for array in values_of(golden, "router_experts") for expert in array.ravel()}
            self.assertEqual(chosen, set(range(experts)))
            weights = {float(weight) for array in values_of(golden, "router_weights") for weight in array.ravel()}
            self.assertEqual(weights, {0.5, 1.0} if name.startswith("phimoe") else {0.0, 0.5, 1.0})

    def test_every_head_looks_at_other_tokens_than_its_own(self):
        for name in NAMES:
            for probs in values_of(stored(name), "attn_probs")[-1:]:  # [B, H, L, S]
                own = np.eye(probs.shape[-1])[-probs.shape[-2] :]
                self.assertTrue(((probs * (1 - own)).sum(axis=(0, 2, 3)) > 0).all(), name)

    def test_no_tensor_can_be_left_out_or_have_two_rows_swapped(self):
        for name in NAMES:
            golden = stored(name)
            model, layout = model_of(golden), layout_of(read_config(golden.config_text, name))
            for parameter, tensor in model.named_parameters():
                for change in (torch.zeros_like, lambda old: old.roll(1, dims=0)):
                    before = tensor.data.clone()
                    if torch.equal(change(before), before):  # decays of 1 by turns, a bias that happens to be even
                        continue
                    tensor.data = change(before)
                    found = run_calls(model, layout, golden.calls)[0]
                    tensor.data = before
                    self.assertTrue(
                        any(not np.array_equal(array, found[number][path]) for number, values in enumerate(golden.hf32)
                            for path, array in values.items()), f"{name} {parameter}",
                    )


class RefusalsTest(unittest.TestCase):
    def sums(self, left, right):
        with ExactSums() as sums:
            torch.matmul(torch.tensor(left), torch.tensor(right))
        return sums.broken

    def test_a_sum_of_24_bits_is_exact_and_one_of_25_is_not(self):
        self.assertEqual(self.sums([[2.0**22, 1.0]], [[1.0], [1.0]]), [])
        self.assertEqual(len(self.sums([[2.0**24, 1.0]], [[1.0], [1.0]])), 1)

    def test_magnitudes_count_not_what_is_left_of_them(self):
        self.assertEqual(len(self.sums([[2.0**24, -(2.0**24), 1.0]], [[1.0], [1.0], [1.0]])), 1)

    def test_a_bias_is_part_of_the_sum(self):
        with ExactSums() as sums:
            F.linear(torch.ones(1, 2), torch.ones(3, 2), torch.full((3,), 2.0**-24))
        self.assertEqual(len(sums.broken), 1)

    def test_another_number_is_refused_and_another_sign_of_zero_is_not(self):
        config = read_config(stored(NAMES[0]).config_text, "test")
        values = [{"logits": np.array([0.0, 2.0], dtype=np.float32)}]
        refuse_other_bits("test", config, [None], values, [{"logits": np.array([-0.0, 2.0])}])
        with self.assertRaisesRegex(TooCloseError, "logits: expected the same in the run test, found 1 others"):
            refuse_other_bits("test", config, [None], values, [{"logits": np.array([0.0, 2.0 + 2.0**-40])}])

    def test_a_model_that_rounds_is_refused(self):
        golden = stored("granitemoe_exact")
        model, layout = model_of(golden), layout_of(read_config(golden.config_text, "test"))
        model.model.layers[1].self_attn.v_proj.weight.data[0, 0] = 0.1
        hf32 = run_calls(model, layout, golden.calls)[0]
        with self.assertRaisesRegex(TooCloseError, "exact: expected sums below 24 bits"):
            refuse_inexact(model, layout, golden.calls, hf32, golden.truth, lambda c: run_calls(model, layout, c)[0])

    def test_a_choice_between_twins_is_refused(self):
        golden = stored("granitemoe_exact")
        model, layout = model_of(golden), layout_of(read_config(golden.config_text, "test"))
        values = [dict(call) for call in golden.hf32]
        path = layer_path(0, "router_logits")
        values[0][path] = np.zeros_like(values[0][path])
        with self.assertRaisesRegex(TooCloseError, "call 0 layer 0 router_logits: expected a choice"):
            refuse_inexact(model, layout, golden.calls, values, golden.truth, lambda c: values)

    def test_a_model_with_a_multiplier_that_rounds_cannot_be_made_as_an_exact_one(self):
        case = find_case("granitemoe_exact")
        rough = replace(case, config=dict(case.config) | {"residual_multiplier": 0.3}, name="rough")
        with tempfile.TemporaryDirectory() as directory, self.assertRaises(TooCloseError):
            make_case(rough, Path(directory, "rough.h5"), seeds=1)

    def test_the_same_seed_gives_the_same_weights_and_all_of_them_are_bfloat16(self):
        config = dict(find_case("phimoe_exact").config)
        (_, one), (_, again), (_, other) = (exact_model("test", config, seed) for seed in (3, 3, 4))
        self.assertEqual({dtype for dtype, _ in one.values()}, {"bfloat16"})
        self.assertTrue(all(np.array_equal(one[name][1], again[name][1]) for name in one))
        self.assertFalse(all(np.array_equal(one[name][1], other[name][1]) for name in one))
