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

# The capture rests on internals of these two; another version computes or names something differently.
PINNED = {"transformers": "5.23.0", "torch": "2.13.0"}


def require_pinned_versions():
    found = {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]}
    for package, version in PINNED.items():
        if found[package] != version:
            raise CannotError(f"{package}: expected version {version}, found {found[package]}; run script/setup")


def prepare():
    """One thread: the number of threads changes the order of summation on some shapes."""
    require_pinned_versions()
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
