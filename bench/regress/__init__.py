# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a commit made an op slower: both are built and run in turns, and `assay report` judges the times."""
