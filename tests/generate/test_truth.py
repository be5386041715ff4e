# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The float64 run: pure, and refused where it is not."""
import unittest
from unittest import mock

import numpy as np
import torch

from golden.generate import truth
from golden.generate.errors import CannotError
from golden.generate.record import record
from golden.generate.sites import site_name
from tests.generate.support import ONE_EACH, model_of, stored


class TruthTest(unittest.TestCase):
    def refuses_a_leak_of(self, name, leaking):
        """Lets calls of `leaking` through unwidened."""
        original = truth.Float64Mode.__torch_function__

        def leaky(mode, func, types, args=(), kwargs=None):
            if func in leaking:
                return func(*args, **(kwargs or {}))
            return original(mode, func, types, args, kwargs)

        golden = stored(name)
        with mock.patch.object(truth.Float64Mode, "__torch_function__", leaky):
            with self.assertRaisesRegex(CannotError, "expected no float32 operation in the float64 run"):
                record(model_of(golden), golden.calls[:1])

    def test_the_audit_catches_a_norm_that_casts_to_float32(self):
        self.refuses_a_leak_of("granitemoe_cache", {torch.Tensor.to})

    def test_the_audit_catches_a_softmax_in_float32(self):
        self.refuses_a_leak_of("phimoe_cache", {torch.nn.functional.softmax})

    def test_the_audit_catches_router_logits_in_float32(self):
        self.refuses_a_leak_of("granitemoeshared_cache", {torch.Tensor.float})

    def test_float32_is_close_to_the_truth_and_not_equal_to_it(self):
        for name in ONE_EACH:
            golden = stored(name)
            for truth_values, values in zip(golden.truth, golden.hf32):
                expected, found = truth_values["logits"], values["logits"]
                distance = np.linalg.norm(found - expected) / np.linalg.norm(expected)
                self.assertLess(distance, 3e-6)
                self.assertGreater(distance, 1e-9)

    def test_both_runs_use_the_same_bits_of_the_inverse_frequencies(self):
        for name in ("granitemoe_cache", "phimoe_cache"):
            golden = stored(name)
            for truth_values, values in zip(golden.truth, golden.hf32):
                np.testing.assert_array_equal(truth_values["rope_inv_freq"], values["rope_inv_freq"])

    def test_a_renewed_rotary_embedding_equals_the_one_the_library_loaded(self):
        for name in ("granitemoe_cache", "granitemoehybrid_attention_only", "phimoe_cache"):
            model = model_of(stored(name))
            loaded = model.model.rotary_emb.inv_freq.clone()
            truth.renew_rotary(model)
            self.assertTrue(torch.equal(loaded, model.model.rotary_emb.inv_freq))

    def test_cosines_are_those_of_the_float32_angle(self):
        values = stored("granitemoe_left_pad")
        frequencies = values.truth[0]["rope_inv_freq"]
        positions = values.calls[0].position_ids.astype(np.float32)
        angles = (positions[..., None] * frequencies).astype(np.float64)  # the product rounds to float32
        cosines = np.cos(np.concatenate([angles, angles], axis=-1))
        np.testing.assert_allclose(values.truth[0]["rope_cos"], cosines, rtol=1e-14)

    def test_a_token_that_sees_nothing_attends_to_every_key_alike(self):
        golden = stored("granitemoe_left_pad")
        seen = golden.truth[0]["layers/000/attn_visible"][0, 0]
        self.assertFalse(seen.any())
        np.testing.assert_array_equal(golden.truth[0]["layers/000/attn_probs"][0, :, 0], 1 / seen.size)

    def test_masked_scores_are_stored_as_zero(self):
        for values in stored("phimoe_sliding_window").truth:
            hidden = values["layers/000/attn_visible"][:, None] == 0
            scores = values["layers/000/attn_scores"]
            self.assertFalse(scores[np.broadcast_to(hidden, scores.shape)].any())

    def test_the_sliding_window_crops_the_cache(self):
        calls = stored("phimoe_sliding_window").truth
        for values in calls:
            self.assertEqual(values["layers/000/cache_k"].shape[2], 3)  # the window of 4 less one
        self.assertEqual([values["layers/000/attn_scores"].shape[-1] for values in calls], [5, 4, 5])

    def test_a_single_token_exceeds_the_time_step_limit_that_a_prefill_keeps(self):
        prefill, step, several = (values["layers/000/ssm_dt"] for values in stored("granitemoehybrid_dense").truth)
        for clamped in (prefill, several):
            self.assertEqual((clamped.min(), clamped.max()), (0.15, 0.7))
        self.assertTrue(step.min() < 0.15 or step.max() > 0.7)

    def test_without_truth_the_margins_stand_beside_the_float32_run(self):
        golden = stored("granitemoe_prefill")
        recording = record(model_of(golden), golden.calls, with_truth=False)
        self.assertIsNone(recording.truth)
        margin = recording.hf32[0]["layers/000/router_margin"]
        self.assertEqual(margin.dtype, np.float64)
        np.testing.assert_allclose(margin, golden.truth[0]["layers/000/router_margin"], rtol=1e-3)


if __name__ == "__main__":
    unittest.main()
