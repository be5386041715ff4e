# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Configurations in the spelling of transformers 4.56.2."""
import unittest

from golden.generate.config_v4 import spelled
from golden.generate.errors import CannotError
from golden.generate.shapes import SHAPES

GRANITE = {"model_type": "granitemoe", "hidden_size": 24, "num_attention_heads": 6, "max_position_embeddings": 32}
HYBRID = GRANITE | {"model_type": "granitemoehybrid"}
PHIMOE = GRANITE | {"model_type": "phimoe"}


class ConfigV4Test(unittest.TestCase):
    def rope(self, base, parameters, **more):
        fields = spelled(base | more | {"rope_parameters": parameters})
        self.assertNotIn("rope_parameters", fields)
        return fields.get("rope_theta"), fields.get("rope_scaling"), fields.get("original_max_position_embeddings")

    def test_a_published_configuration_stays_as_it_is(self):
        for name, fields in SHAPES.items():
            legacy = isinstance(fields.get("rope_scaling"), dict) or "head_dim" in fields
            if not legacy:
                self.assertEqual(spelled(fields), fields, name)

    def test_the_fields_of_the_caller_are_not_changed(self):
        scaling = {"rope_type": "linear", "factor": 2.0, "rope_theta": 1e6}
        fields = GRANITE | {"rope_parameters": scaling, "dtype": "bfloat16"}
        spelled(fields)
        self.assertIn("dtype", fields)
        self.assertIn("rope_theta", scaling)

    def test_layer_kinds_and_dtype_have_their_older_names(self):
        fields = spelled(HYBRID | {"layer_types": ["linear_attention", "full_attention", "mamba"], "dtype": "float32"})
        self.assertEqual(fields["layer_types"], ["mamba", "attention", "mamba"])
        self.assertEqual(fields["torch_dtype"], "float32")
        self.assertNotIn("dtype", fields)

    def test_the_alias_of_the_layer_kinds_wins(self):
        fields = spelled(HYBRID | {"layer_types": ["mamba"], "layers_block_type": ["full_attention"]})
        self.assertEqual(fields["layer_types"], ["attention"])
        self.assertNotIn("layers_block_type", fields)

    def test_default_rope_is_a_theta_alone(self):
        self.assertEqual(self.rope(GRANITE, {"rope_type": "default", "rope_theta": 5e5}), (5e5, None, None))
        self.assertEqual(self.rope(GRANITE, None, rope_theta=7e5), (7e5, None, None))
        self.assertEqual(self.rope(GRANITE, {"rope_theta": 5e5}, rope_theta=7e5), (5e5, None, None))

    def test_a_scaling_keeps_its_options_and_loses_its_theta(self):
        theta, scaling, _ = self.rope(GRANITE, {"type": "linear", "factor": 4.0, "rope_theta": 1e6})
        self.assertEqual((theta, scaling), (1e6, {"rope_type": "linear", "factor": 4.0}))

    def test_rope_scaling_wins_over_rope_parameters(self):
        older = {"rope_type": "dynamic", "factor": 2.0}
        _, scaling, _ = self.rope(GRANITE, {"rope_type": "linear", "factor": 4.0}, rope_scaling=older)
        self.assertEqual(scaling, older)

    def test_the_original_length_stands_where_either_model_reads_it(self):
        yarn = {"rope_type": "yarn", "factor": 4.0}
        inside = yarn | {"original_max_position_embeddings": 8}
        for base, parameters, more, expected in (
            (GRANITE, inside, {}, 8),
            (GRANITE, inside, {"original_max_position_embeddings": 16}, 16),  # the top level wins
            (GRANITE, yarn, {}, 32),
            (PHIMOE, inside, {"original_max_position_embeddings": 16}, 8),  # the dictionary wins
            (PHIMOE, yarn, {"original_max_position_embeddings": 16}, 32),  # the top level is ignored
        ):
            _, scaling, top = self.rope(base, parameters, **more)
            self.assertEqual((scaling["original_max_position_embeddings"], top), (expected, expected))

    def test_a_head_size_of_its_own_is_refused(self):
        self.assertEqual(spelled(GRANITE | {"head_dim": 4})["head_dim"], 4)
        with self.assertRaisesRegex(CannotError, "^head_dim: expected hidden_size / .* = 4, .*ignores .*, found 6$"):
            spelled(GRANITE | {"head_dim": 6})

    def test_a_time_step_limit_is_refused_and_none_in_any_spelling_is_left_out(self):
        for limit in ([0.0, float("inf")], [0, {"__float__": "Infinity"}]):
            self.assertNotIn("time_step_limit", spelled(HYBRID | {"time_step_limit": limit}))
        for limit in ([0.1, float("inf")], None, "wide"):
            with self.assertRaisesRegex(CannotError, "^time_step_limit: expected 0 to infinity"):
                spelled(HYBRID | {"time_step_limit": limit})

    def test_values_of_the_wrong_type_are_left_to_the_library(self):
        wrong = HYBRID | {"layer_types": 3, "rope_scaling": "yarn", "head_dim": "4"}
        self.assertEqual(spelled(wrong), wrong)


if __name__ == "__main__":
    unittest.main()
