# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The runs of a null distribution: each is a right one, none is the recorded one, and all decide as the truth does."""
import unittest

import numpy as np
import torch
import torch.nn.functional as F

from golden.generate.calls import Call
from golden.generate.cases.tiny import TINY
from golden.generate.errors import CannotError
from golden.generate.features import PHIMOE, SHARED
from golden.generate.knobs import Knob, PartialSums, special_knobs, turned
from golden.generate.make import draw_model
from golden.generate.model import embedded_checkpoint, load_model
from golden.generate.null import LEAST_RUNS, make_null
from golden.generate.record import null_runs, record_bf16, resolved, run_calls, run_truth
from golden.generate.routes import differ, forced
from golden.generate.sites import layout_of
from golden.generate.truth import narrowed, widened
from tests.generate.support import ONE_EACH, model_of, stored


class Setting:
    """A committed golden, its model, and its calls as they are run."""

    def __init__(self, name):
        self.golden = stored(name)
        self.model = model_of(self.golden)
        self.layout = layout_of(self.model.config)
        self.calls = [resolved(call, self.model.config, self.layout) for call in self.golden.calls]

    def run(self, knob=None):
        if knob is None:
            return run_calls(self.model, self.layout, self.calls)[0]
        with turned(knob, self.model):
            return run_calls(self.model, self.layout, self.calls)[0]

    def runs(self, routes=None):
        routes = self.golden.truth if routes is None else routes
        return null_runs(self.model, self.layout, self.calls, self.golden.truth, routes)


def floats(values):
    return {path: array for path, array in values.items() if array.dtype.kind == "f"}


class KnobTest(unittest.TestCase):
    def test_every_knob_is_as_right_as_the_recorded_run_and_another(self):
        for name in ONE_EACH:
            setting = Setting(name)
            recorded = setting.run()
            knobs = special_knobs(setting.model.config, setting.layout, setting.calls, False)
            self.assertIn("sdpa", [knob.knob for knob in knobs])
            self.assertIn("batched_mm", [knob.knob for knob in knobs])
            for knob in knobs:
                moved = False
                for first, found in zip(recorded, setting.run(knob)):
                    hidden = {path for path in first if path not in found}
                    self.assertTrue(all("attn_" in path for path in hidden), (name, knob, hidden))
                    for path, array in floats(found).items():
                        np.testing.assert_allclose(array, first[path], rtol=1e-3, atol=1e-4, err_msg=f"{knob} {path}")
                        moved |= not np.array_equal(array, first[path])
                if knob.knob not in ("partial_sums", "grouped_mm"):  # sums may be that short, experts that few
                    self.assertTrue(moved, (name, knob))
            for first, again in zip(recorded, setting.run()):  # all knobs are where they were
                self.assertTrue(all(np.array_equal(first[path], array) for path, array in again.items()), name)

    def test_kernels_of_experts_show_what_eager_experts_show(self):
        for architecture in (SHARED, PHIMOE):  # with rows of whole 16 bytes, which grouped_mm wants
            text, weights = draw_model("wide", TINY[architecture] | {"intermediate_size": 8}, "float32", 1)
            with embedded_checkpoint(text, weights) as directory:
                model = load_model(directory)
            layout, calls = layout_of(model.config), [Call(np.arange(24).reshape(2, 12), False)]
            calls = [resolved(call, model.config, layout) for call in calls]
            self.assertIn(Knob("grouped_mm"), special_knobs(model.config, layout, calls, False))
            (eager,), _, _ = run_calls(model, layout, calls)
            for knob in (Knob("grouped_mm"), Knob("batched_mm")):
                with turned(knob, model):
                    (found,), _, _ = run_calls(model, layout, calls)
                for site in ("gate_up", "act", "out"):
                    path = f"layers/000/expert_{site}"
                    np.testing.assert_allclose(found[path], eager[path], rtol=1e-4, atol=1e-5, err_msg=f"{knob} {path}")

    def test_sdpa_is_left_out_where_a_query_sees_no_key(self):
        setting = Setting("granitemoe_cache")
        knobs = special_knobs(setting.model.config, setting.layout, setting.calls, True)
        self.assertNotIn("sdpa", [knob.knob for knob in knobs])

    def test_partial_sums_add_in_the_order_that_they_say(self):
        random = np.random.Generator(np.random.PCG64(1))
        x, w, b = (torch.from_numpy(random.standard_normal(shape, dtype=np.float32)) for shape in ((3, 7), (5, 7), 5))
        expected = torch.zeros(3, 5)
        for k in range(7):
            expected = expected + x[:, k : k + 1] * w[:, k]
        with PartialSums(1):
            self.assertTrue(torch.equal(F.linear(x, w, b), expected + b))
            self.assertTrue(torch.equal(x @ w.T, expected))
        with PartialSums(4):
            self.assertTrue(torch.equal(x @ w.T, x[:, :4] @ w.T[:4] + x[:, 4:] @ w.T[4:]))

    def test_a_model_that_was_another_type_for_a_while_is_what_it_was(self):
        setting = Setting("phimoe_act_xielu")  # part of whose activation is bfloat16 in a float32 model
        before = {name: tensor.clone() for name, tensor in setting.model.state_dict().items()}
        for change in (widened, narrowed):
            with change(setting.model):
                self.assertNotEqual(setting.model.dtype, torch.float32)
            for name, tensor in setting.model.state_dict().items():
                self.assertEqual(tensor.dtype, before[name].dtype)
                self.assertTrue(torch.equal(tensor, before[name]), name)


class RoutesTest(unittest.TestCase):
    def other_routes(self, golden):
        """The truth, with other experts in the first layer of the second call."""
        truth = [dict(values) for values in golden.truth]
        truth[1]["layers/000/router_experts"] = (truth[1]["layers/000/router_experts"] + 1) % 5
        return truth

    def test_its_own_decisions_forced_on_a_run_change_no_bit(self):
        for name in ONE_EACH:
            setting = Setting(name)
            free = setting.run()
            with forced(setting.model, setting.layout, setting.calls, free):
                found = setting.run()
            for one, other in zip(free, found):
                self.assertTrue(all(np.array_equal(one[path], array) for path, array in other.items()), name)

    def test_a_run_that_decides_otherwise_is_made_again_with_the_truths_decisions(self):
        for name in ONE_EACH:
            setting = Setting(name)
            routes = self.other_routes(setting.golden)
            self.assertTrue(differ(setting.model.config, setting.layout, setting.golden.hf32, routes))
            found = setting.runs(routes).again(Knob("order", seed=0))
            self.assertFalse(differ(setting.model.config, setting.layout, found, routes), name)

    def test_the_weights_are_those_that_the_router_gives_the_forced_experts(self):
        setting = Setting("granitemoe_cache")
        routes = self.other_routes(setting.golden)
        found = setting.runs(routes).again(None)[1]
        experts = routes[1]["layers/000/router_experts"]
        chosen = np.take_along_axis(found["layers/000/router_logits"], experts, axis=-1)
        weights = torch.softmax(torch.from_numpy(chosen), dim=-1).numpy()
        np.testing.assert_array_equal(found["layers/000/router_weights"], weights)

    def test_a_band_that_falls_otherwise_is_forced_as_well(self):
        setting = Setting("phimoe_cache")
        routes = [dict(values) for values in setting.golden.truth]
        logits = routes[0]["layers/000/router_logits"]
        first = routes[0]["layers/000/router_experts"][:, :1]
        best = np.take_along_axis(logits, first, axis=-1)
        routes[0]["layers/000/router_logits"] = np.where(logits == best, logits, best - 1e3 * np.abs(best) - 1)
        self.assertTrue(differ(setting.model.config, setting.layout, setting.golden.hf32, routes))
        weights = setting.runs(routes).again(None)[0]["layers/000/router_weights"]
        np.testing.assert_array_equal(weights[:, 0], 1)  # nobody else is within the band

    def test_routes_of_other_calls_are_refused(self):
        setting = Setting("granitemoe_cache")
        with self.assertRaisesRegex(CannotError, "routes: expected all to be used, found"):
            with forced(setting.model, setting.layout, setting.calls, setting.golden.truth):
                run_calls(setting.model, setting.layout, setting.calls[:1])

    def test_packed_sequences_have_their_own_parts_of_the_routes(self):
        setting = Setting("granitemoehybrid_packed")
        truth = run_truth(setting.model, setting.layout, setting.calls, None)[0]
        with forced(setting.model, setting.layout, setting.calls, truth):
            found = setting.run()
        self.assertFalse(differ(setting.model.config, setting.layout, found, truth))


class NullTest(unittest.TestCase):
    def test_at_least_sixteen_runs_differ_from_each_other(self):
        for name in ONE_EACH:
            golden = stored(name)
            self.assertGreaterEqual(len(golden.runs), LEAST_RUNS, name)
            figures = np.concatenate([call["l2"] for call in golden.null], axis=1)
            self.assertEqual(len(figures), len(golden.runs) + 1)
            self.assertEqual(len(np.unique(figures, axis=0)), len(figures), name)

    def test_row_zero_is_the_recorded_run(self):
        golden = stored("phimoe_cache")
        error = golden.hf32[0]["embed_out"] - golden.truth[0]["embed_out"]
        self.assertEqual(golden.null[0]["l2"][0, 0], np.linalg.norm(error))
        error = np.linalg.norm(golden.hf32[0]["logits"] - golden.truth[0]["logits"])
        self.assertAlmostEqual(golden.null[0]["l2"][0, -1] / error, 1, places=3)

    def test_a_model_in_which_no_order_matters_keeps_orders(self):
        setting = Setting("granitemoe_bare")
        runs = setting.runs()
        runs.run = lambda calls: [dict(values) for values in setting.golden.hf32]
        null = make_null(runs, setting.golden.hf32, not_recorded=setting.golden.not_recorded)
        self.assertEqual([knob.knob for knob in null.runs], ["order"] * LEAST_RUNS)

    def test_without_a_truth_errors_are_those_against_the_recorded_run(self):
        setting = Setting("granitemoe_cache")
        hf32 = setting.golden.hf32
        runs = null_runs(setting.model, setting.layout, setting.calls, hf32, hf32)
        null = make_null(runs, hf32, knobs=[Knob("order", seed=1)])
        self.assertFalse(null.calls[0]["l2"][0].any())
        self.assertTrue(null.calls[0]["l2"][1].any())

    def test_a_bfloat16_run_holds_bfloat16_values_and_the_truths_routes(self):
        setting = Setting("phimoe_bf16")
        values, null = record_bf16(setting.model, setting.runs(), [Knob("order", seed=1)])
        for sites, truth in zip(values, setting.golden.truth):
            for path, array in floats(sites).items():
                if "rope_inv_freq" not in path:
                    self.assertFalse((array.view(np.uint32) & 0xFFFF).any(), path)
            np.testing.assert_array_equal(sites["layers/000/router_experts"], truth["layers/000/router_experts"])
        self.assertEqual((null.side, len(null.calls[0]["l2"])), ("hf_bf16", 2))


if __name__ == "__main__":
    unittest.main()
