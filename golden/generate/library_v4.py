# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""transformers 4.56.2, for which the published checkpoints were made. Names as in library_v5.py."""
import torch
from transformers import DynamicCache
from transformers.models.granitemoehybrid.modeling_granitemoehybrid import HybridMambaAttentionDynamicCache

from golden.generate.calls import EMPTY_CACHE
from golden.generate.capture_v4 import CaptureV4 as Capture
from golden.generate.config_v4 import spelled
from golden.generate.errors import CannotError

LOAD_OPTIONS = {}
PENALTY_SKIPS_PADS = False
ROUTERS = (".router", ".block_sparse_moe.gate")  # of Granite, of PhiMoE
OTHER_EXPERTS = ()


def router_logits(out):
    return out[4] if isinstance(out, tuple) else out


def refuse_what_it_cannot(config, calls, where):
    """What 4.56.2 computes wrongly without a word: no golden may say that this is the model."""
    past = 0
    for number, call in enumerate(calls):
        tokens = 1 if call.input_ids is None and call.inputs_embeds is None else call.tokens
        if call.continues == EMPTY_CACHE:
            past = call.past_key_values.tokens if call.past_key_values else 0
        check_mask(call, past + tokens, f"{where} {number}")
        if config.model_type == "phimoe":
            check_phimoe(config, call, past, tokens, f"{where} {number}")
        elif config.model_type == "granitemoehybrid":
            check_hybrid(config, past, tokens, f"{where} {number}")
        past += tokens


def check_mask(call, keys, where):
    if call.attention_mask is not None and call.attention_mask.shape[1] < keys:
        raise CannotError(
            f"{where} attention_mask: expected {keys} columns, as wide as the keys, for transformers 4.56.2, found "
            f"{call.attention_mask.shape[1]}"
        )


def refuse_generation_that_it_cannot(config, run):
    if config.model_type == "phimoe":
        check_window(config.sliding_window, run.input_ids.shape[1] + run.plan.max_new_tokens - 2, "generate")


def check_phimoe(config, call, past, tokens, where):
    check_window(config.sliding_window, past, where)
    check_positions(call, past, tokens, where)


def check_window(window, past, where):
    if window is not None and past >= window:
        raise CannotError(
            f"{where}: expected at most sliding_window - 1 = {window - 1} cached tokens, found {past}: transformers "
            "4.56.2 crops the cache and does not shift the mask"
        )


def check_positions(call, past, tokens, where):
    if call.position_ids is not None and call.position_ids.max() >= past + tokens:
        raise CannotError(
            f"{where} position_ids: expected below {past + tokens}, as far as the table of angles of PhiMoE in "
            f"transformers 4.56.2 goes, found {call.position_ids.max()}"
        )


def check_hybrid(config, past, tokens, where):
    if past and tokens > 1 and "mamba" in config.layers_block_type:
        raise CannotError(
            f"{where}: expected one token after a cache, found {tokens}: convolution and scan of transformers 4.56.2 "
            "start from zero there"
        )


def new_cache(config, batch, dtype):
    if config.model_type == "granitemoehybrid":
        return HybridMambaAttentionDynamicCache(config, batch, dtype=dtype)
    return DynamicCache(config=config)


def fill_cache(cache, given):
    """Puts what the caller hands over into a new cache; given: GivenCache whose arrays are tensors of the run."""
    hybrid = isinstance(cache, HybridMambaAttentionDynamicCache)
    for index, tensors in enumerate(given.layers):
        if "conv_state" in tensors:
            cache.conv_states[index].copy_(tensors["conv_state"])
            cache.ssm_states[index].copy_(tensors["ssm_state"])
        else:
            cache.update(tensors["keys"], tensors["values"], index)
            if not hybrid and hasattr(cache.layers[index], "cumulative_length"):  # of a sliding window
                cache.layers[index].cumulative_length = given.tokens
    if hybrid:
        cache.has_previous_state = True


def inputs_beside(config, tokens, past):
    """The hybrid's empty cache says that it holds as many tokens as the batch has rows; generate() tells it better."""
    if config.model_type != "granitemoehybrid":
        return {}
    return {"cache_position": torch.arange(past, past + tokens)}


def root_attributes(config):
    """In 4.56.2 PhiMoE takes the long factors beyond the original length, in 5.23.0 never."""
    scaling = config.rope_scaling if config.model_type == "phimoe" else None
    return {"phimoe_longrope": "hf4"} if scaling and scaling["rope_type"] == "longrope" else {}


def can_switch_attention(config):
    return config.model_type != "phimoe"  # which has another class of module for each


def experts_implementation(config):
    return "eager"  # there is no other
