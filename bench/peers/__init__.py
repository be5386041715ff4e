# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Runs one checkpoint through transformers, llama.cpp and assay in turn, and holds the times against each other."""
