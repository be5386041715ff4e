# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The golden generator: runs transformers in float32 and in pure float64 and writes what golden/FORMAT.md describes."""
