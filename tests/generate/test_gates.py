# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Gates: derived from the null distributions, refused where they calibrate nothing, and in a file that nobody edits."""
import hashlib
import json
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import h5py
import numpy as np

from golden.generate import gates
from golden.generate.cases import COMMITTED
from golden.generate.check_null import check_gates, check_runs
from golden.generate.errors import CannotError, DiffersError
from golden.generate.gates import FORMULA, KL_MEASURES, SITE_MEASURES, entry_of, gated, kl_ratios, read_gates
from golden.generate.model import embedded_checkpoint
from golden.generate.record import record
from golden.generate.stored import read_golden
from golden.generate.writer import put_array
from tests.generate.support import DATA, model_of, run_in_process

NAMES = ("granitemoe_bare", "phimoe_bare")


class GatesTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.gates = self.directory / "gates.json"
        for name in NAMES:
            shutil.copy(DATA / f"{name}.h5", self.directory)

    def path(self, name):
        return self.directory / f"{name}.h5"

    def strip(self, name):
        """Takes the null distribution out of a golden."""
        with h5py.File(self.path(name), "r+") as file:
            del file["null"]
            for call in file["calls"].values():
                del call["null"]

    def calibrate(self, *arguments):
        return run_in_process("calibrate", *arguments)

    def entries(self):
        return read_gates(self.gates)["goldens"]

    def refuses(self, pattern, *arguments):
        status, _, errors = self.calibrate(*arguments)
        self.assertEqual(status, 2, errors)
        self.assertRegex(errors, pattern)
        self.assertEqual(errors.count("\n"), 1, errors)

    def test_every_committed_golden_has_the_gates_that_its_null_distribution_gives(self):
        content = read_gates(DATA / "gates.json")
        self.assertEqual(content["formula"], FORMULA)
        self.assertEqual(set(content["goldens"]), set(COMMITTED))
        for name in ("granitemoehybrid_cache", "phimoe_bf16", "phimoe_longrope_hf4", "phimoe_generate_greedy"):
            self.assertEqual(content["goldens"][name], entry_of(DATA / f"{name}.h5")[1], name)

    def test_no_gate_is_below_what_it_is_derived_from_or_above_its_ceiling(self):
        for name, entry in read_gates(DATA / "gates.json")["goldens"].items():
            for side in [entry[side] for side in ("hf32", "hf_bf16", "generation") if side in entry]:
                groups = [(SITE_MEASURES, site) for site in side["sites"].values()]
                groups += [(KL_MEASURES, side["kl"])] if "kl" in side else []
                for measures, numbers in groups:
                    for measure, null, gate in zip(measures, numbers["null"], numbers["gates"], strict=True):
                        rule = FORMULA[measure]
                        wanted = max(rule["least"], rule["factor"] * null)
                        self.assertAlmostEqual(gate, wanted, places=3, msg=f"{name} {measure}")
                        self.assertLessEqual(gate, rule["ceiling"])

    def test_the_hash_of_a_null_distribution_is_that_of_its_paths_and_bytes(self):
        digest = hashlib.sha256()
        with h5py.File(self.path("phimoe_bare")) as file:
            calls = [f"/calls/{name}/null/hf32" for name in file["calls"]]
            paths = [f"{group}/{name}" for group in calls for name in file[group]] + ["/null/runs"]
            for path in sorted(paths):
                digest.update(path.encode() + file[path][...].tobytes())
        self.assertEqual(entry_of(self.path("phimoe_bare"))[1]["null_sha256"], digest.hexdigest())

    def test_the_hash_of_the_file_is_that_of_the_file_without_it(self):
        self.calibrate(self.directory)
        text = self.gates.read_text()
        found = json.loads(text)["sha256"]
        self.assertEqual(found, hashlib.sha256(text.replace(found, "0" * 64).encode()).hexdigest())

    def test_kl_is_held_against_the_mean_of_the_others_and_its_floor(self):
        figures = {"kl": np.array([[4.0, 8.0], [1.0, 2.0], [3.0, 4.0]]), "kl_floor": np.array([1.0, 16.0])}
        np.testing.assert_array_equal(kl_ratios(figures), [2.0, 0.5])

    def test_a_gate_above_its_ceiling_names_golden_site_measure_null_and_ceiling(self):
        with self.assertRaisesRegex(CannotError, "x.h5 logits: expected a gate of row up to 30, found 31.25: .* 25 "):
            gated("x.h5 logits", SITE_MEASURES, [1, 25, 1, 1, 1])

    def test_nothing_is_written_where_one_golden_cannot_be_calibrated(self):
        with mock.patch.dict(gates.FORMULA, tensor={"least": 2.0, "factor": 1.25, "ceiling": 1.0}):
            self.refuses("granitemoe_bare.h5: hf32 router_logits: expected a gate of tensor up to 1,", self.directory)
        self.assertFalse(self.gates.exists())

    def test_a_file_that_was_edited_is_refused(self):
        self.calibrate(self.directory)
        text = self.gates.read_text()
        self.gates.write_text(text.replace('"gates": [2.0,', '"gates": [9.0,', 1))
        self.refuses("gates.json: expected its own sha256, found another: edited by hand", self.directory)
        for content in ("{}", "[1]", "nothing"):
            self.gates.write_text(content)
            self.refuses("gates.json: expected a file of gates, found", self.directory)
        self.gates.write_text('{"sha256": 1, "schema": 2, "schema_version": 3}')
        self.refuses("gates.json: expected assay.gates 1.0, found 2 3", self.directory)
        self.gates.write_text(text.replace('"schema_version": "1.0"', '"schema_version": "2.0"'))
        self.refuses("gates.json: expected assay.gates 1.0, found assay.gates 2.0", self.directory)

    def test_entries_of_others_stay_while_their_goldens_are_there(self):
        self.calibrate(self.directory)
        both = self.entries()
        self.assertEqual(set(both), set(NAMES))
        self.calibrate(self.path("phimoe_bare"))
        self.assertEqual(self.entries(), both)
        self.path("granitemoe_bare").rename(self.directory / "renamed.h5")  # a golden goes by its case
        self.calibrate(self.path("phimoe_bare"))
        self.assertEqual(self.entries(), both)
        (self.directory / "renamed.h5").unlink()
        self.calibrate(self.path("phimoe_bare"))
        self.assertEqual(set(self.entries()), {"phimoe_bare"})

    def test_gates_may_stand_elsewhere(self):
        elsewhere = self.directory / "other.json"
        status, output, _ = self.calibrate(self.directory, "--gates", elsewhere)
        self.assertEqual((status, output), (0, f"{elsewhere}: gates of 2 goldens\n"))
        self.assertFalse(self.gates.exists())

    def test_a_golden_of_a_generation_alone_has_gates_of_its_logits(self):
        path = self.directory / "phimoe_generate_greedy.h5"
        shutil.copy(DATA / path.name, path)
        with h5py.File(path, "r+") as file:  # as one that was made before
            del file["generation/null"], file["null"]
        self.calibrate(self.directory)
        entry = self.entries()[path.stem]
        self.assertEqual(set(entry), {"null_sha256", "made_by", "generation"})
        self.assertEqual(list(entry["generation"]["sites"]), ["logits"])

    def test_what_is_no_golden_is_refused(self):
        self.refuses("nothing: expected a golden or a folder of goldens, found none", self.directory / "nothing")
        (self.directory / "text.h5").write_text("no HDF5")
        self.refuses("text.h5: expected a golden, found", self.directory)
        with h5py.File(self.directory / "text.h5", "w") as file:
            file.attrs["kind"] = np.bytes_(b"dump")
        self.refuses("text.h5: expected a golden, found 'dump'", self.directory)

    def test_a_golden_without_a_null_distribution_gets_the_one_that_it_would_have(self):
        before = read_golden(self.path("phimoe_bare"))
        entry = entry_of(self.path("phimoe_bare"))
        self.strip("phimoe_bare")
        with self.assertRaisesRegex(CannotError, "expected a null distribution, found none"):
            entry_of(self.path("phimoe_bare"))
        status, output, errors = self.calibrate(self.directory, "--jobs", 1)
        self.assertEqual(status, 0, errors)
        self.assertRegex(output, r"bytes +16 runs  phimoe_bare\n.*gates of 2 goldens\n$")
        after = read_golden(self.path("phimoe_bare"))
        self.assertEqual(before.runs, after.runs)
        # Another processor rounds elsewhere, and its runs are other samples: of the same sites, and the same each time.
        here = entry_of(self.path("phimoe_bare"))
        self.assertEqual(here[1]["hf32"]["sites"].keys(), entry[1]["hf32"]["sites"].keys())
        self.strip("phimoe_bare")
        self.calibrate(self.directory, "--jobs", 1)
        self.assertEqual(entry_of(self.path("phimoe_bare")), here)
        for one, other in zip(before.truth + before.hf32, after.truth + after.hf32):
            self.assertEqual(one.keys(), other.keys())
            self.assertTrue(all(np.array_equal(array, other[path]) for path, array in one.items()))
        self.assertEqual(sorted(path.suffix for path in self.directory.iterdir()), [".h5", ".h5", ".json"])

    def test_a_golden_of_a_checkpoint_gets_it_from_that_checkpoint_and_from_no_other(self):
        golden = read_golden(self.path("granitemoe_bare"))
        with embedded_checkpoint(golden.config_text, golden.weights) as directory:
            checkpoint = Path(shutil.copytree(directory, self.directory / "checkpoint"))
        out = self.directory / "checkpoint.h5"
        made = run_in_process("make", "--checkpoint", checkpoint, "--ids", "1,2,3,4,5,6", "--no-truth", "--out", out)
        self.assertEqual(made[0], 0, made)
        entry = self.entries()["checkpoint"]
        self.strip("checkpoint")
        self.assertEqual(self.calibrate(out)[0], 0)
        self.assertEqual(self.entries()["checkpoint"], entry)
        self.strip("checkpoint")
        weights = checkpoint / "model.safetensors"
        data = bytearray(weights.read_bytes())
        data[-1] ^= 1
        weights.write_bytes(data)
        status, output, _ = self.calibrate(out)
        self.assertEqual(status, 2)
        self.assertRegex(output, "checkpoint.h5: expected .* as it was recorded, found another in .*checkpoint")
        (checkpoint / "config.json").unlink()
        self.assertIn("checkpoint.h5: expected its checkpoint", self.calibrate(out)[1])

    def test_a_bfloat16_run_is_added_beside_the_rest(self):
        before = entry_of(self.path("phimoe_bare"))[1]
        status, _, errors = self.calibrate(self.path("phimoe_bare"), "--bf16")
        self.assertEqual(status, 0, errors)
        after = self.entries()["phimoe_bare"]
        self.assertEqual(after["hf32"], before["hf32"])
        self.assertEqual(after["hf_bf16"]["sites"].keys(), before["hf32"]["sites"].keys())
        with h5py.File(self.path("phimoe_bare")) as file:
            self.assertEqual(set(file["calls/000/hf_bf16"]), set(file["calls/000/hf32"]))

    def test_a_golden_of_another_version_wants_that_version(self):
        shutil.copy(DATA / "phimoe_longrope_hf4.h5", self.directory)
        self.strip("phimoe_longrope_hf4")
        status, output, _ = self.calibrate(self.path("phimoe_longrope_hf4"))
        self.assertEqual(status, 2)
        self.assertIn("expected a golden by transformers 5.23.0, found one by 4.56.2: --transformers 4.56.2", output)

    def test_check_refuses_gates_that_are_not_those_of_the_golden(self):
        self.calibrate(self.directory)
        check_gates(self.path("phimoe_bare"), self.gates)
        with h5py.File(self.path("phimoe_bare"), "r+") as file:
            found = file["calls/000/null/hf32/l2"][...] * 2
            del file["calls/000/null/hf32/l2"]
            put_array(file, "calls/000/null/hf32/l2", found)
        with self.assertRaisesRegex(DiffersError, "expected of phimoe_bare the gates that its null distribution gives"):
            check_gates(self.path("phimoe_bare"), self.gates)

    def test_check_notices_runs_that_were_off_by_more(self):
        golden = read_golden(self.path("phimoe_bare"))
        model = model_of(golden)
        again = record(model, golden.calls)
        check_runs(self.path("phimoe_bare"), golden, model, again)
        golden.null = [call | {"l2": call["l2"] * 16} for call in golden.null]
        with self.assertRaisesRegex(DiffersError, "phimoe_bare.h5 null .*: expected .* to be off by .*, found"):
            check_runs(self.path("phimoe_bare"), golden, model, again)


if __name__ == "__main__":
    unittest.main()
