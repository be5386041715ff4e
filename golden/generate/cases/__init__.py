# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The cases, all architectures together. A case is data; make.py computes it."""
from golden.generate.cases import (
    bf16, cache, exact, generation, granitemoe, granitemoehybrid, granitemoeshared, inputs, older, outputs, phimoe, rope,
    variants,
)
from golden.generate.errors import CannotError

OF_ARCHITECTURES = (granitemoe, granitemoeshared, granitemoehybrid, phimoe, older)
OF_FEATURES = (inputs, cache, rope, variants, outputs, generation, bf16, exact)
ROOMS = (*OF_ARCHITECTURES, *OF_FEATURES)
CASES = {case.name: case for room in ROOMS for case in room.CASES}
COMMITTED = {name: case for name, case in CASES.items() if case.committed}


def find_case(name):
    if name not in CASES:
        raise CannotError(f"--case {name}: expected one of {', '.join(CASES)}, found no such case")
    return CASES[name]
