# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Says on a terminal what a long run is doing. Elsewhere it is silent."""
import sys

ERASE_LINE = "\r\033[K"


def show(text):
    """Replaces what was shown before; an empty text clears the line."""
    if sys.stderr.isatty():
        print(ERASE_LINE + text, end="", file=sys.stderr, flush=True)
