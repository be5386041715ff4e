# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Imports torch and transformers once, refuses any version but the pinned ones, and fixes what could change a bit."""
import os

os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"  # everything is read from local files

import h5py
import numpy
import torch
import transformers

from golden.generate.errors import CannotError
from golden.generate.versions import VERSIONS

# The capture rests on internals of these two; another version computes or names something differently.
PINNED = {"transformers": VERSIONS, "torch": ("2.13.0",)}


def require_pinned_versions(wanted):
    found = {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]}
    for package, versions in PINNED.items():
        if found[package] not in versions:
            expected = " or ".join(versions)
            raise CannotError(f"{package}: expected version {expected}, found {found[package]}; run script/setup")
    if wanted not in (None, found["transformers"]):
        raise CannotError(
            f"--transformers {wanted}: expected the Python of that version, found {found['transformers']}; use "
            "script/golden"
        )


def prepare(wanted=None):
    """wanted: the version of transformers that must be the one which runs; None: any of the pinned ones.
    One thread: the number of threads changes the order of summation on some shapes."""
    require_pinned_versions(wanted)
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()


def versions():
    return {
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "h5py": h5py.__version__,
        "hdf5": h5py.version.hdf5_version,
    }
