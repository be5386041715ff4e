# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Where a golden comes from: versions, hashes of the sources that computed it, the audit. No time, host or path."""
import hashlib
import inspect
import platform
from pathlib import Path

import torch

from golden.generate.library import active
from golden.generate.runtime import versions
from golden.generate.writer import SCHEMA_VERSION

GENERATOR_VERSION = "1.0"


def provenance(model, seed, audit):
    return {
        "format": SCHEMA_VERSION,
        "generator": GENERATOR_VERSION,
        "generator_sha256": generator_sha256(),
        "python": platform.python_version(),
        **versions(),
        "seed": seed,
        "modeling_sources": modeling_sources(model),
        "audit": audit,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "attention": model.config._attn_implementation,
        "experts": active.experts_implementation(model.config),
    }


def modeling_sources(model):
    """sha256 of the files of transformers that define the model, by their name within the package."""
    files = {Path(inspect.getsourcefile(cls)) for cls in (type(model), type(model.config))}
    return {f"{path.parent.name}/{path.name}": sha256(path) for path in sorted(files)}


def generator_sha256():
    """One hash for all sources of this package: of a line "sha256  name" each, as sha256sum prints them."""
    root = Path(__file__).parent
    lines = [f"{sha256(path)}  {path.relative_to(root).as_posix()}\n" for path in sorted(root.rglob("*.py"))]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
