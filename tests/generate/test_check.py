# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""`check` passes on what is committed and fails on what was changed."""
import contextlib
import io
import shutil
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

from golden.generate.check import check_all, check_golden
from golden.generate.errors import CannotError, DiffersError
from golden.generate.writer import put_array
from tests.generate.support import DATA


class CheckTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name, "phimoe_sliding_window.h5")
        shutil.copy(DATA / self.path.name, self.path)

    def change(self, path, change):
        with h5py.File(self.path, "r+") as file:
            array = change(file[path][...])
            attributes = {key: value for key, value in file[path].attrs.items() if key != "sha256"}
            del file[path]
            put_array(file, path, array, attributes)

    def refuses(self, pattern):
        with self.assertRaisesRegex(DiffersError, pattern):
            check_golden(self.path)

    def test_a_committed_golden_repeats(self):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            check_all(DATA, "granitemoehybrid_left_pad")
        self.assertRegex(output.getvalue(), r"^ok  granitemoehybrid_left_pad +truth .*hf32 .*\n$")
        self.assertLessEqual(len(output.getvalue()), 81)

    def test_a_truth_off_by_one_part_in_1e12_is_named(self):
        self.change("calls/001/truth/layers/001/moe_out", lambda values: values * (1 + 1e-12))
        self.refuses("phimoe_sliding_window.h5 call 1 truth layers/001/moe_out: expected at most 1e-13 .* found 1e-12")

    def test_a_float32_run_off_by_ten_times_its_error_is_named(self):
        self.change("calls/000/hf32/logits", lambda values: values * np.float32(1 + 1e-5))
        self.refuses("call 0 hf32 logits: expected at most")

    def test_another_expert_is_named(self):
        self.change("calls/000/truth/layers/000/router_experts", lambda values: (values + 1) % 7)
        self.refuses("call 0 truth layers/000/router_experts: expected the same integers")

    def test_an_inverse_frequency_may_be_one_ulp_off_and_no_more(self):
        name = "calls/000/{}/rope_inv_freq"
        for side in ("truth", "hf32"):
            self.change(name.format(side), lambda table: np.nextafter(table, np.float32(9), dtype=np.float32))
        self.refuses("call 0 truth rope_cos")  # accepted as such, but then the rest must fit it
        for side in ("truth", "hf32"):
            self.change(name.format(side), lambda table: table * np.float32(1.001))
        self.refuses("call 0 rope_inv_freq: expected at most 1 ulp")

    def test_a_changed_weight_is_noticed(self):
        self.change("weights/model.layers.0.self_attn.v_proj.weight", lambda bits: bits ^ np.uint16(0x8000))
        self.refuses("call 0 truth layers/000/v_proj")

    def test_damaged_bytes_are_not_read(self):
        with h5py.File(self.path, "r+") as file:
            file["calls/000/inputs/input_ids"][0, 0] ^= 1
        with self.assertRaisesRegex(CannotError, "inputs/input_ids: expected the sha256"):
            check_golden(self.path)

    def test_an_unknown_name_is_refused(self):
        with self.assertRaisesRegex(CannotError, "--only nothing: expected a golden of that name"):
            check_all(DATA, "nothing")

    def test_a_case_without_its_file_is_a_difference(self):
        with self.assertRaisesRegex(DiffersError, "found missing .*granitemoe_cache"):
            check_all(self.path.parent, None)


if __name__ == "__main__":
    unittest.main()
