# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The committed cases, all architectures together. A case is data; make.py computes it."""
from golden.generate.cases import granitemoe, granitemoehybrid, granitemoeshared, older, phimoe
from golden.generate.errors import CannotError

CASES = {case.name: case for room in (granitemoe, granitemoeshared, granitemoehybrid, phimoe, older) for case in room.CASES}


def find_case(name):
    if name not in CASES:
        raise CannotError(f"--case {name}: expected one of {', '.join(CASES)}, found no such case")
    return CASES[name]
