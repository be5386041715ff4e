# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Entry point of `python -m bench.regress`; everything is in cli.py."""
import sys

from bench.regress.cli import main

sys.exit(main())
