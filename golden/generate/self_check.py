# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""What must hold of captured sites before they are written: exactly the listed sites, of the listed shape and type,
finite, not all zero, and without a router tie."""
import numpy as np

from golden.generate.errors import CannotError, TooCloseError, VacuousError
from golden.generate.sites import DTYPES, ONLY_IN_TRUTH, extents_of, ordered_sites, site_name

# A sine at position 0 is zero by definition, and so are margins of twin experts; every other float site of zeros would
# compare nothing.
MAY_BE_ZERO = {"rope_sin", "router_margin"}


def check_sites(where, layout, call, values, truth, not_recorded=()):
    """Raises unless `values` (path -> array) is what golden/FORMAT.md prescribes for this call. not_recorded: names of
    sites that were left out."""
    expected = ordered_sites(layout, call)
    expected = {path: shape for path, shape in expected.items() if site_name(path) not in not_recorded}
    if not truth:
        expected = {path: shape for path, shape in expected.items() if site_name(path) not in ONLY_IN_TRUTH}
    missing = [path for path in expected if path not in values]
    extra = [path for path in values if path not in expected]
    if missing or extra:
        raise CannotError(f"{where}: expected the sites of golden/FORMAT.md, found missing {missing}, extra {extra}")
    extents = extents_of(layout, call)
    for path, letters in expected.items():
        check_shape(f"{where} {path}", values[path].shape, letters, extents)
        float_type = "float64" if truth else "float32"
        wanted = DTYPES.get(site_name(path), float_type)
        if str(values[path].dtype) != wanted:
            raise CannotError(f"{where} {path}: expected {wanted}, found {values[path].dtype}")
        if values[path].dtype.kind == "f" and not np.isfinite(values[path]).all():
            raise CannotError(f"{where} {path}: expected finite values, found NaN or infinity")


def check_shape(where, shape, letters, extents):
    """S and U (keys seen, keys kept) are whatever the call made them; R is 1 or the batch."""
    letters = letters.split()
    fits = len(shape) == len(letters) and all(
        found >= 1 if letter in "SU" else found in (1, extents["B"]) if letter == "R" else found == extents[letter]
        for letter, found in zip(letters, shape)
    )
    if not fits:
        wanted = [f"{letter}={extents[letter]}" if letter in extents else letter for letter in letters]
        raise CannotError(f"{where}: expected [{', '.join(wanted)}], found {list(shape)}")


def check_not_vacuous(where, values):
    """Refuses an all-zero float site: a comparison with it would pass whatever an engine does wrong by a factor."""
    for path, array in values.items():
        if array.dtype.kind == "f" and site_name(path) not in MAY_BE_ZERO and not array.any():
            raise VacuousError(f"{where} {path}: expected a value other than zero, found zeros only")


def check_margins(where, values, least):
    """Refuses router ties, and in committed cases any margin below `least`."""
    for path, array in values.items():
        if site_name(path) == "router_margin" and not array.min() > least:
            raise TooCloseError(
                f"{where} {path}: expected every margin above {least:g}, found {array.min():.3g} at token "
                f"{array.argmin()}; try another seed"
            )
