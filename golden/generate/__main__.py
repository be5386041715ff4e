# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Entry point of `python -m golden.generate`; everything is in cli.py."""
import sys

from golden.generate.cli import main

sys.exit(main())
