# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Turns a prompt into token ids with the tokenizer.json of a checkpoint. No templates, no special tokens of our own."""
from pathlib import Path

from tokenizers import Tokenizer

from golden.generate.errors import CannotError


def tokenize(directory, text):
    path = Path(directory) / "tokenizer.json"
    if not path.is_file():
        raise CannotError(f"--prompt: expected {path}, found none; give token ids with --ids")
    try:
        ids = Tokenizer.from_file(str(path)).encode(text).ids
    except Exception as error:  # the library raises a bare Exception
        raise CannotError(f"{path}: expected a tokenizer, found: {error}") from error
    if not ids:
        raise CannotError(f"--prompt {text!r}: expected at least one token, found none")
    return ids
