# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""config.json in any spelling -> in that of transformers 4.56.2, which ignores or refuses the one of 5.23.0. The model
that it describes stays the same; what 4.56.2 has no words for is refused. A value of the wrong type is left as it is,
for the library to refuse."""
import math

from golden.generate.errors import CannotError

LAYER_KINDS = {"linear_attention": "mamba", "full_attention": "attention"}
# These types need the length before scaling, and 5.23.0 knows it of itself.
SCALED_FROM_ORIGINAL = ("llama3", "longrope", "yarn")
ORIGINAL = "original_max_position_embeddings"
NO_LIMIT = [0.0, math.inf]


def spelled(fields):
    fields = dict(fields)
    if "dtype" in fields:
        fields["torch_dtype"] = fields.pop("dtype")
    refuse_head_size(fields)
    if fields.get("model_type") == "granitemoehybrid":
        spell_hybrid(fields)
    spell_rope(fields)
    return fields


def refuse_head_size(fields):
    """4.56.2 has the key in published configs and reads it only in the rotary embedding."""
    sizes = head, hidden, heads = [fields.get(key) for key in ("head_dim", "hidden_size", "num_attention_heads")]
    if all(type(size) is int and size > 0 for size in sizes) and head * heads != hidden:
        raise CannotError(
            f"head_dim: expected hidden_size / num_attention_heads = {hidden / heads:g}, for transformers 4.56.2 "
            f"ignores the key, found {head}"
        )


def spell_hybrid(fields):
    kinds = fields.pop("layers_block_type", None) or fields.get("layer_types")
    if isinstance(kinds, list):
        fields["layer_types"] = [LAYER_KINDS.get(kind, kind) for kind in kinds]
    limit = fields.pop("time_step_limit", NO_LIMIT)
    if not isinstance(limit, list) or [plain_number(value) for value in limit] != NO_LIMIT:
        raise CannotError(f"time_step_limit: expected 0 to infinity, which 4.56.2 always takes, found {limit}")


def plain_number(value):
    """5.23.0 writes infinity as an object."""
    return math.inf if value == {"__float__": "Infinity"} else value


def spell_rope(fields):
    """The dictionary: rope_scaling if it says anything, else rope_parameters; a rope_theta inside wins."""
    scaling = fields.get("rope_scaling") or fields.get("rope_parameters") or {}
    if not isinstance(scaling, dict):
        return
    scaling = dict(scaling)
    fields.pop("rope_parameters", None)
    if "rope_theta" in scaling:
        fields["rope_theta"] = scaling.pop("rope_theta")
    legacy = scaling.pop("type", None)
    rope_type = scaling.pop("rope_type", None) or legacy or "default"
    if rope_type == "default":
        if fields.get("rope_scaling") is not None:
            fields["rope_scaling"] = None
        return
    if rope_type in SCALED_FROM_ORIGINAL:
        spell_original_length(fields, scaling)
    fields["rope_scaling"] = {"rope_type": rope_type} | scaling


def spell_original_length(fields, scaling):
    """5.23.0 lets the top-level key win in the Granite models and the one in the dictionary in PhiMoE; without either
    it is max_position_embeddings. 4.56.2 reads the one or the other, so both stand there."""
    phimoe = fields.get("model_type") == "phimoe"
    places = (scaling.get(ORIGINAL),) if phimoe else (fields.get(ORIGINAL), scaling.get(ORIGINAL))
    found = [value for value in places if value is not None]
    if found or "max_position_embeddings" in fields:
        fields[ORIGINAL] = scaling[ORIGINAL] = found[0] if found else fields["max_position_embeddings"]
