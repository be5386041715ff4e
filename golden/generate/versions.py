# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The versions of transformers that make goldens. Data only."""

VERSIONS = ("5.23.0", "4.56.2")
DEFAULT = VERSIONS[0]
