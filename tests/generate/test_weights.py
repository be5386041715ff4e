# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Random weights and published shapes: the right tensors, the right count, and every one of them matters."""
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from golden.generate.cases import COMMITTED
from golden.generate.errors import CannotError
from golden.generate.manifest import manifest
from golden.generate.model import auto_class, read_config
from golden.generate.random_weights import draw, draw_fast, encode
from golden.generate.record import model_inputs
from golden.generate.shapes import SHAPES, find_shape, with_layers
from golden.generate.tensor_file import read_checkpoint_headers
from tests.generate.support import ONE_EACH, model_of, stored

# Parameters of the published models: their model cards and file sizes.
PUBLISHED_PARAMETERS = {
    "granite-3.0-1b-a400m-instruct": 1_334_628_352, "granite-3.0-3b-a800m-instruct": 3_298_793_472,
    "granite-3.1-1b-a400m-instruct": 1_334_628_352, "granite-3.1-3b-a800m-instruct": 3_298_793_472,
    "granite-4.0-h-tiny": 6_939_037_248, "granite-4.0-h-small": 32_207_337_984, "granite-4.0-h-micro": 3_191_396_096,
    "granite-4.0-h-1b": 1_461_538_368, "granite-4.0-h-350m": 340_332_224, "granite-4.0-micro": 3_402_836_480,
    "Phi-3.5-MoE-instruct": 41_873_153_344, "Phi-mini-MoE-instruct": 7_647_632_704,
    "Phi-tiny-MoE-instruct": 3_755_220_288,
}


def parameters(fields):
    shapes = manifest(read_config(json.dumps(fields), "test"))
    return sum(int(np.prod(shape)) for shape in shapes.values())


class ShapesTest(unittest.TestCase):
    def test_published_shapes_have_the_published_number_of_parameters(self):
        for name, expected in PUBLISHED_PARAMETERS.items():
            self.assertEqual(parameters(SHAPES[name]), expected, name)

    def test_the_other_shapes_have_the_size_in_their_name(self):
        for name, low, high in (
            ("PowerMoE-3b", 3.2e9, 3.4e9), ("granite-3.0-1b-a400m-base", 1.3e9, 1.4e9),
            ("granite-3.0-3b-a800m-base", 3.2e9, 3.4e9), ("granite-3.1-1b-a400m-base", 1.3e9, 1.4e9),
            ("granite-3.1-3b-a800m-base", 3.2e9, 3.4e9), ("granite-4.0-1b", 1.4e9, 1.7e9),
            ("granite-4.0-350m", 0.3e9, 0.4e9),
        ):
            self.assertTrue(low < parameters(SHAPES[name]) < high, name)

    def test_names_are_accepted_with_and_without_their_ending(self):
        self.assertEqual(find_shape("granite-3.0-1b-a400m"), SHAPES["granite-3.0-1b-a400m-base"])
        self.assertEqual(find_shape("granite-4.0-h-tiny-base"), SHAPES["granite-4.0-h-tiny"])
        self.assertEqual(find_shape("Phi-mini-MoE"), SHAPES["Phi-mini-MoE-instruct"])

    def test_an_unknown_name_is_answered_with_the_known_ones(self):
        with self.assertRaisesRegex(CannotError, "--like gpt: expected one of .*Phi-tiny-MoE-instruct, PowerMoE-3b, .*, granite-4.0-micro"):
            find_shape("gpt")

    def test_fewer_layers_of_a_hybrid_keep_both_kinds(self):
        fields = with_layers(find_shape("granite-4.0-h-350m"), 3)
        self.assertEqual(fields["layer_types"], ["mamba", "mamba", "attention"])

    def test_more_layers_than_published_are_refused(self):
        with self.assertRaisesRegex(CannotError, "--layers: expected 1 to 24, found 25"):
            with_layers(find_shape("granite-3.0-1b-a400m"), 25)


class WeightsTest(unittest.TestCase):
    def test_the_manifest_is_what_transformers_saves(self):
        for name in COMMITTED:
            config = read_config(stored(name).config_text, name)
            with tempfile.TemporaryDirectory() as directory:
                auto_class(config.to_dict()).from_config(config).save_pretrained(directory)
                saved = {key: tensor.shape for key, tensor in read_checkpoint_headers(Path(directory)).items()}
            self.assertEqual({key: tuple(shape) for key, shape in manifest(config).items()}, saved, name)

    def test_dropping_any_tensor_moves_the_logits_far_beyond_rounding(self):
        odd = ("granitemoe_gqa_tied", "granitemoehybrid_groups", "granitemoehybrid_dense", "phimoe_bias")
        for name in ONE_EACH + odd:
            golden = stored(name)
            model = model_of(golden)
            call = golden.calls[0]
            logits = model(**model_inputs(call, model.dtype), use_cache=False).logits
            rotary = model.model.rotary_emb is not None
            for key, parameter in model.named_parameters():
                if key.endswith("k_proj.bias") and not rotary:
                    continue  # adds the same to all scores of a query, so no softmax can see it
                kept = parameter.data
                parameter.data = torch.zeros_like(kept)
                again = model(**model_inputs(call, model.dtype), use_cache=False).logits
                moved = (again - logits).norm() / logits.norm()
                parameter.data = kept
                self.assertGreater(moved.item(), 1e-3, f"{name} {key}")

    def test_rounding_to_bfloat16_is_that_of_torch(self):
        values = np.random.Generator(np.random.PCG64(3)).uniform(-3, 3, 4096).astype(np.float32)
        expected = torch.from_numpy(values).to(torch.bfloat16).view(torch.uint16).numpy()
        np.testing.assert_array_equal(encode(values, "bfloat16"), expected)

    def test_the_fast_draw_has_the_range_of_the_plain_one(self):
        config = read_config(json.dumps(find_shape("granite-4.0-h-350m")), "test")
        for key in ("model.layers.0.mamba.A_log", "model.layers.10.self_attn.q_proj.weight"):
            plain = draw(config, key, (64, 64), 1, 0)
            fast = draw_fast(config, key, (64, 64), "float32", 1, 0)
            spread = float(plain.max() - plain.min())
            for statistic in (np.min, np.max, np.mean, np.std):
                self.assertAlmostEqual(float(statistic(plain)), float(statistic(fast)), delta=0.02 * spread)

    def test_the_first_numbers_of_a_seed_are_fixed(self):
        config = read_config(stored("granitemoe_prefill").config_text, "test")
        values = draw(config, "model.norm.weight", (3,), 1, 5)
        np.testing.assert_array_equal(values, FIRST_OF_SEED_1)


FIRST_OF_SEED_1 = np.array([0.8852548, 1.4180019, 1.3694779], dtype=np.float32)

if __name__ == "__main__":
    unittest.main()
