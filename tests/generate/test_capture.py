# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The capture only looks."""
import unittest

import numpy as np

from golden.generate.record import model_inputs, run_calls
from golden.generate.sites import layout_of
from golden.generate.truth import float64, renew_rotary
from tests.generate.support import ONE_EACH, model_of, stored


class CaptureTest(unittest.TestCase):
    def test_captured_and_uncaptured_float32_runs_give_the_same_bits(self):
        for name in ONE_EACH:
            golden = stored(name)
            model = model_of(golden)
            plain = uncaptured_logits(model, golden.calls)
            values, _, _ = run_calls(model, layout_of(model.config), golden.calls)
            for expected, found in zip(plain, values):
                np.testing.assert_array_equal(expected, found["logits"], name)

    def test_captured_and_uncaptured_float64_runs_give_the_same_bits(self):
        for name in ONE_EACH:
            golden = stored(name)
            model = model_of(golden).double()
            with float64(renew_rotary(model)):
                plain = uncaptured_logits(model, golden.calls)
            scope = renew_rotary(model)
            with float64(scope):
                values, _, _ = run_calls(model, layout_of(model.config), golden.calls, scope=scope)
            for expected, found in zip(plain, values):
                np.testing.assert_array_equal(expected, found["logits"], name)

    def test_nothing_of_the_capture_stays_behind(self):
        golden = stored("granitemoehybrid_cache")
        model = model_of(golden)
        modeling = __import__(type(model).__module__, fromlist=["apply_rotary_pos_emb"])
        before = {name: getattr(modeling, name) for name in ("mamba2_chunk_scan", "eager_attention_forward")}
        run_calls(model, layout_of(model.config), golden.calls[:1])
        for name, function in before.items():
            self.assertIs(getattr(modeling, name), function)
        hooks = [m for m in model.modules() if m._forward_hooks or m._forward_pre_hooks]
        self.assertEqual(hooks, [])

    def test_the_chosen_experts_compose_to_the_routed_output(self):
        for name in ONE_EACH:
            values = stored(name).truth[0]
            weights, outputs = values["layers/001/router_weights"], values["layers/001/expert_out"]
            composed = (weights[..., None] * outputs).sum(axis=1)
            routed = values["layers/001/moe_out"].reshape(composed.shape)
            np.testing.assert_allclose(composed, routed, rtol=1e-12, atol=1e-13)

    def test_expert_act_follows_from_expert_gate_up(self):
        for name in ONE_EACH:
            values = stored(name).truth[0]
            gate, up = np.split(values["layers/000/expert_gate_up"], 2, axis=-1)
            np.testing.assert_allclose(gate / (1 + np.exp(-gate)) * up, values["layers/000/expert_act"], rtol=1e-12)


def uncaptured_logits(model, calls):
    logits, cache = [], None
    for call in calls:
        output = model(**model_inputs(call, model.dtype), past_key_values=cache, use_cache=call.use_cache)
        cache = output.past_key_values
        logits.append(output.logits.numpy())
    return logits


if __name__ == "__main__":
    unittest.main()
