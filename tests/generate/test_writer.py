# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The HDF5 files: the same bytes each time, readable by the oldest library we support, encoded as agreed, atomic."""
import hashlib
import json
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import h5py
import numpy as np

from golden.generate import writer
from golden.generate.cases import COMMITTED, find_case
from golden.generate.errors import CannotError
from golden.generate.make import make_case
from golden.generate.writer import chunk_shape
from tests.generate.support import DATA, ROOT


class WriterTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def test_the_same_case_gives_the_same_bytes_seconds_later(self):
        first, second = self.directory / "first.h5", self.directory / "second.h5"
        make_case(find_case("granitemoehybrid_dense"), first)
        time.sleep(1.5)  # HDF5 stores times in whole seconds, where it stores them
        make_case(find_case("granitemoehybrid_dense"), second)
        self.assertEqual(first.read_bytes(), second.read_bytes())

    @unittest.skipUnless(shutil.which("h5dump"), "h5dump is not installed")
    def test_h5dump_reads_every_committed_golden(self):
        for name in COMMITTED:
            done = subprocess.run(["h5dump", DATA / f"{name}.h5"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            self.assertEqual((done.returncode, done.stderr), (0, b""), name)

    def test_every_dataset_is_guarded_and_encoded_as_agreed(self):
        for name in ("granitemoe_cache", "granitemoehybrid_groups", "phimoe_cache"):
            with h5py.File(DATA / f"{name}.h5") as file:
                file.visititems(self.check_dataset)

    def check_dataset(self, path, item):
        if not isinstance(item, h5py.Dataset):
            return
        self.assertEqual(item.dtype, item.dtype.newbyteorder("<"), path)
        if item.nbytes >= 512:
            self.assertTrue(item.fletcher32 and item.shuffle and item.compression == "gzip", path)
            self.assertLessEqual(np.prod(item.chunks) * item.dtype.itemsize, 1 << 20, path)
        else:
            self.assertIsNone(item.chunks, path)
            self.assertEqual(item.attrs["sha256"].decode(), hashlib.sha256(item[...].tobytes()).hexdigest(), path)
        if path.split("/")[2:3] in (["truth"], ["hf32"]):
            self.assertEqual(item.attrs["order"].dtype, np.int64, path)
        if path.startswith("weights/") and item.dtype == np.uint16:
            self.assertEqual(item.attrs["logical_dtype"], b"bfloat16", path)

    def test_a_site_has_the_same_order_in_both_runs(self):
        with h5py.File(DATA / "phimoe_cache.h5") as file:
            call = file["calls/000"]
            call["hf32"].visititems(
                lambda path, item: self.assertEqual(item.attrs["order"], call["truth"][path].attrs["order"])
                if isinstance(item, h5py.Dataset) else None
            )

    def test_chunks_stay_within_a_mebibyte_and_keep_whole_rows(self):
        self.assertEqual(chunk_shape(np.empty((3, 5), np.float64)), (3, 5))
        self.assertEqual(chunk_shape(np.empty((4, 1024, 1024), np.float32)), (1, 256, 1024))
        self.assertEqual(chunk_shape(np.empty((2, 1 << 19), np.float64)), (1, 1 << 17))

    def test_the_root_says_what_the_file_is(self):
        with h5py.File(DATA / "granitemoe_left_pad.h5") as file:
            attributes = dict(file.attrs)
            call = file["calls/001"]
            self.assertEqual((call.attrs["continues"], call.attrs["use_cache"]), (0, 1))
            self.assertEqual(set(call["inputs"]), {"input_ids", "attention_mask", "position_ids"})
        self.assertEqual(
            attributes,
            {
                "schema": b"assay.golden", "schema_version": b"1.2", "kind": b"golden", "case": b"granitemoe_left_pad",
                "model_type": b"granitemoe", "seed": find_case("granitemoe_left_pad").seed, "weights": b"embedded",
            },
        )

    def test_provenance_names_no_place_and_no_time(self):
        for name, case in COMMITTED.items():
            with h5py.File(DATA / f"{name}.h5") as file:
                text = file["provenance"][...].tobytes().decode()
            fields = json.loads(text)
            self.assertEqual(fields["transformers"], case.transformers)
            self.assertEqual(fields["audit"]["float32_operations"], 0)
            self.assertNotIn(str(ROOT), text)
            self.assertNotIn("site-packages", text)

    def test_a_failed_write_leaves_the_old_file_and_no_rubble(self):
        out = self.directory / "kept.h5"
        out.write_bytes(b"precious")
        with mock.patch.object(writer, "put_calls", side_effect=OSError("disk full")):
            with self.assertRaisesRegex(CannotError, "kept.h5: expected to be able to write there, found: disk full"):
                make_case(find_case("granitemoehybrid_attention_only"), out)
        self.assertEqual(out.read_bytes(), b"precious")
        self.assertEqual(list(self.directory.iterdir()), [out])


if __name__ == "__main__":
    unittest.main()
