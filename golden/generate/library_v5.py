# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""transformers 5.23.0, from which the committed goldens are made."""
from transformers import DynamicCache

from golden.generate.capture_v5 import CaptureV5 as Capture

# Of from_pretrained, beside those that every version has.
LOAD_OPTIONS = {"experts_implementation": "eager"}
PENALTY_SKIPS_PADS = True  # the repetition penalty of generate() does not take left pads for what was said
ROUTERS = ".router"  # how the names of those modules end
OTHER_EXPERTS = ("batched_mm", "grouped_mm")  # implementations beside the eager one


def router_logits(out):
    """Of what such a module returns."""
    return out[0]


def spelled(fields):
    """config.json in any spelling -> as this version reads it."""
    return fields


def refuse_what_it_cannot(config, calls, where):
    """Raises CannotError for calls that this version refuses, or for which it computes nothing that has a meaning."""


def refuse_generation_that_it_cannot(config, run):
    """The same of generate(); run: a Generation."""


def new_cache(config, batch, dtype):
    return DynamicCache(config=config)


def fill_cache(cache, given):
    """Puts what the caller hands over into a new cache; given: GivenCache whose arrays are tensors of the run."""
    for layer, tensors in zip(cache.layers, given.layers):
        if "keys" in tensors:
            layer.update(tensors["keys"], tensors["values"])
            if hasattr(layer, "cumulative_length"):  # of a sliding window, which drops what it has seen
                layer.cumulative_length = given.tokens
        else:
            layer.update_conv_state(tensors["conv_state"])
            layer.update_recurrent_state(tensors["ssm_state"])


def inputs_beside(config, tokens, past):
    """Inputs of a call which this version wants and golden/FORMAT.md does not know; past: tokens cached before."""
    return {}


def root_attributes(config):
    """Attributes of the golden that say in which of several ways this version computes."""
    return {}


def can_switch_attention(config):
    """Whether a loaded model goes by the config's `_attn_implementation` at every call."""
    return True


def experts_implementation(config):
    return config._experts_implementation
