# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""transformers 5.23.0, from which the committed goldens are made."""
from transformers import DynamicCache

from golden.generate.capture_v5 import CaptureV5 as Capture

# Of from_pretrained, beside those that every version has.
LOAD_OPTIONS = {"experts_implementation": "eager"}


def spelled(fields):
    """config.json in any spelling -> as this version reads it."""
    return fields


def refuse_what_it_cannot(config, calls, where):
    """Raises CannotError for calls that this version refuses, or for which it computes nothing that has a meaning."""


def new_cache(config, batch, dtype):
    return DynamicCache(config=config)


def inputs_beside(config, tokens, past):
    """Inputs of a call which this version wants and golden/FORMAT.md does not know; past: tokens cached before."""
    return {}


def root_attributes(config):
    """Attributes of the golden that say in which of several ways this version computes."""
    return {}


def experts_implementation(config):
    return config._experts_implementation
