# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Tests of bench/regress. Nothing is timed here: what the drivers would measure is made up."""
