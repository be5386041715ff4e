# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""What differs between the versions of transformers, as one module: `library.active`, that of the version which runs.
Each such module has the same names, documented in library_v5.py."""
import importlib

import transformers

active = importlib.import_module(f"golden.generate.library_v{transformers.__version__.split('.')[0]}")
