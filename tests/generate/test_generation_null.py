# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The null distribution of a generation: other runs, the recorded tokens, logits that are off by no more than rounding."""
import unittest

import numpy as np

from golden.generate.gates import entry_of
from golden.generate.generation_null import GenerationRuns, make_generation_null
from golden.generate.knobs import Knob
from golden.generate.null import LEAST_RUNS
from tests.generate.support import DATA, model_of, stored

GOLDENS = ("granitemoe_generate_left_padded", "granitemoehybrid_generate_sample_top_p")


class GenerationNullTest(unittest.TestCase):
    def test_its_runs_choose_the_recorded_tokens_and_round_otherwise(self):
        for name in GOLDENS:
            golden = stored(name)
            runs = GenerationRuns(model_of(golden), golden.generation)
            truth, recorded = golden.generation.truth["logits"], golden.generation.hf32["logits"]
            noise = np.linalg.norm(recorded - truth)
            (found,) = runs.again(Knob("order", seed=1))
            self.assertEqual(found["logits"].shape, truth.shape)
            self.assertFalse(np.array_equal(found["logits"], recorded), name)
            # Another token anywhere would be thousands of times as far off.
            self.assertLess(np.linalg.norm(found["logits"] - truth), 5 * noise, name)

    def test_it_has_a_row_for_every_step_of_every_row(self):
        golden = stored(GOLDENS[0])
        null = make_generation_null(model_of(golden), golden.generation, [Knob("sequential"), Knob("order", seed=7)])
        figures = null.calls[0]
        steps, rows, vocabulary = golden.generation.truth["logits"].shape
        self.assertEqual(figures["l2"].shape, (3, 1))
        self.assertEqual(figures["rows"].shape, (steps * rows,))
        self.assertEqual(figures["columns"].shape, (vocabulary,))
        self.assertEqual(figures["kl"].shape, (3, 2))

    def test_every_committed_generation_has_one_and_gates(self):
        found = 0
        for path in sorted(DATA.glob("*_generate_*.h5")):
            _, entry = entry_of(path)
            if "generation" in entry:
                self.assertGreaterEqual(entry["generation"]["runs"], LEAST_RUNS, path)
                self.assertEqual(list(entry["generation"]["sites"]), ["logits"], path)
                found += 1
        self.assertEqual(found, 21)


if __name__ == "__main__":
    unittest.main()
