# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Tests of bench/peers. No model runs here: what the peers would report is made up."""
