# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""config.json of the published checkpoints, as their files spell it (transformers 4.x). Data only; no weights.
Left out are two whose fields could not be confirmed: moe-7b-1b-active-shared-experts and granite-4.0-tiny-preview."""
from golden.generate.errors import CannotError

ENDINGS = ("", "-base", "-instruct")

GRANITE_3 = {
    "architectures": ["GraniteMoeForCausalLM"], "model_type": "granitemoe", "attention_bias": False,
    "attention_dropout": 0.0, "attention_multiplier": 0.015625, "bos_token_id": 0, "embedding_multiplier": 12.0,
    "eos_token_id": 0, "hidden_act": "silu", "initializer_range": 0.02, "intermediate_size": 512, "logits_scaling": 6.0,
    "max_position_embeddings": 4096, "num_experts_per_tok": 8, "num_key_value_heads": 8, "output_router_logits": False,
    "pad_token_id": 0, "residual_multiplier": 0.22, "rms_norm_eps": 1e-6, "rope_scaling": None, "rope_theta": 10000.0,
    "router_aux_loss_coef": 0.001, "tie_word_embeddings": True, "transformers_version": "4.46.0", "use_cache": True,
}
GRANITE_3_1B = GRANITE_3 | {
    "hidden_size": 1024, "num_attention_heads": 16, "num_hidden_layers": 24, "num_local_experts": 32,
    "vocab_size": 49152,
}
GRANITE_3_3B = GRANITE_3 | {
    "hidden_size": 1536, "num_attention_heads": 24, "num_hidden_layers": 32, "num_local_experts": 40,
    "vocab_size": 49152,
}
INSTRUCT = {"vocab_size": 49155}
GRANITE_31_1B = GRANITE_3_1B | {"rope_theta": 1500000.0, "max_position_embeddings": 131072}
GRANITE_31_3B = GRANITE_3_3B | {"rope_theta": 10000000.0, "max_position_embeddings": 131072}

GRANITE_4 = {
    "architectures": ["GraniteMoeHybridForCausalLM"], "model_type": "granitemoehybrid", "attention_bias": False,
    "attention_dropout": 0.0, "bos_token_id": 100257, "embedding_multiplier": 12, "eos_token_id": 100257,
    "hidden_act": "silu", "initializer_range": 0.1, "mamba_chunk_size": 256, "mamba_conv_bias": True, "mamba_d_conv": 4,
    "mamba_d_state": 128, "mamba_expand": 2, "mamba_n_groups": 1, "mamba_proj_bias": False,
    "max_position_embeddings": 131072, "num_experts_per_tok": 0, "num_local_experts": 0, "output_router_logits": False,
    "pad_token_id": 100256, "position_embedding_type": "nope", "residual_multiplier": 0.22, "rms_norm_eps": 1e-5,
    "rope_scaling": None, "rope_theta": 10000, "router_aux_loss_coef": 0.0, "tie_word_embeddings": True,
    "transformers_version": "4.56.0", "use_cache": True, "vocab_size": 100352, "num_hidden_layers": 40,
}
PHI = {
    "architectures": ["PhiMoEForCausalLM"], "model_type": "phimoe", "attention_bias": True, "attention_dropout": 0.0,
    "bos_token_id": 1, "eos_token_id": 32000, "hidden_act": "silu", "hidden_size": 4096, "initializer_range": 0.02,
    "input_jitter_noise": 0.01, "lm_head_bias": True, "max_position_embeddings": 4096, "num_attention_heads": 32,
    "num_experts_per_tok": 2, "num_hidden_layers": 32, "num_key_value_heads": 8, "num_local_experts": 16,
    "output_router_logits": False, "rms_norm_eps": 1e-5, "rope_scaling": None, "rope_theta": 10000.0,
    "router_aux_loss_coef": 0.0, "router_jitter_noise": 0.01, "sliding_window": 2047, "tie_word_embeddings": False,
    "transformers_version": "4.43.3", "use_cache": True, "vocab_size": 32064,
}
HALF_HEAD = 64  # long rope has one factor for each pair of a head of 128
# The published factors are not reproduced: these are of the same kind, short near 1 and long growing to 64.
LONG_ROPE = {
    "type": "longrope", "original_max_position_embeddings": 4096, "short_mscale": 1.243163121016122,
    "long_mscale": 1.243163121016122, "short_factor": [round(1.0 + 0.03 * i, 2) for i in range(HALF_HEAD)],
    "long_factor": [round(1.0 + i, 2) for i in range(HALF_HEAD)],
}


def with_attention_at(layers, positions):
    return ["attention" if index in positions else "mamba" for index in range(layers)]


def hybrid(hidden, heads, key_values, shared, mamba_heads, mamba_head, multiplier, scaling, **more):
    """The Granite 4 hybrids; dense unless experts are given."""
    fields = GRANITE_4 | {
        "hidden_size": hidden, "num_attention_heads": heads, "num_key_value_heads": key_values,
        "intermediate_size": shared, "shared_intermediate_size": shared,
        "mamba_n_heads": mamba_heads, "mamba_d_head": mamba_head, "attention_multiplier": multiplier,
        "logits_scaling": scaling, "layer_types": with_attention_at(40, (5, 15, 25, 35)),
    }
    return fields | more


def attention_only(hidden, layers, heads, key_values, shared, multiplier, scaling, residual=0.22):
    """The Granite 4 models without "h": the Mamba keys are there and unused."""
    return hybrid(
        hidden, heads, key_values, shared, 128, 2 * hidden // 128, multiplier, scaling, num_hidden_layers=layers,
        layer_types=["attention"] * layers, position_embedding_type="rope", rope_theta=10000000,
        residual_multiplier=residual, mamba_d_state=256,
    )


def routed(experts, per_token, width):
    return {"num_local_experts": experts, "num_experts_per_tok": per_token, "intermediate_size": width}


SHAPES = {
    "PowerMoE-3b": GRANITE_3_3B,
    "granite-3.0-1b-a400m-base": GRANITE_3_1B,
    "granite-3.0-1b-a400m-instruct": GRANITE_3_1B | INSTRUCT,
    "granite-3.0-3b-a800m-base": GRANITE_3_3B,
    "granite-3.0-3b-a800m-instruct": GRANITE_3_3B | INSTRUCT,
    "granite-3.1-1b-a400m-base": GRANITE_31_1B | {"attention_dropout": 0.1},
    "granite-3.1-1b-a400m-instruct": GRANITE_31_1B | INSTRUCT | {"router_aux_loss_coef": 0.0},
    "granite-3.1-3b-a800m-base": GRANITE_31_3B | {"attention_dropout": 0.1},
    "granite-3.1-3b-a800m-instruct": GRANITE_31_3B | INSTRUCT | {"router_aux_loss_coef": 0.0},
    "granite-4.0-h-tiny": hybrid(1536, 12, 4, 1024, 48, 64, 0.0078125, 6, **routed(64, 6, 512)),
    "granite-4.0-h-small": hybrid(4096, 32, 8, 1536, 128, 64, 0.0078125, 16, **routed(72, 10, 768)),
    "granite-4.0-h-micro": hybrid(2048, 32, 8, 8192, 64, 64, 0.015625, 8),
    "granite-4.0-h-1b": hybrid(1536, 12, 4, 4096, 48, 64, 0.0078125, 6),
    "granite-4.0-h-350m": hybrid(
        768, 12, 4, 2048, 48, 32, 0.015625, 3, num_hidden_layers=32, residual_multiplier=0.246,
        max_position_embeddings=32768, layer_types=with_attention_at(32, (10, 13, 17, 27)),
    ),
    "granite-4.0-micro": attention_only(2560, 40, 40, 8, 8192, 0.015625, 10),
    "granite-4.0-1b": attention_only(2048, 40, 16, 4, 4096, 0.0078125, 8),
    "granite-4.0-350m": attention_only(1024, 28, 16, 4, 2048, 0.015625, 4, residual=0.263),
    "Phi-3.5-MoE-instruct": PHI | {
        "intermediate_size": 6400, "max_position_embeddings": 131072, "original_max_position_embeddings": 4096,
        "rope_scaling": LONG_ROPE, "sliding_window": 131072,
    },
    "Phi-mini-MoE-instruct": PHI | {"intermediate_size": 960},
    "Phi-tiny-MoE-instruct": PHI | {
        "intermediate_size": 448, "num_attention_heads": 16, "num_key_value_heads": 4, "head_dim": 128,
    },
}


def stem(name):
    for ending in ENDINGS[1:]:
        name = name.removesuffix(ending)
    return name


def find_shape(name):
    """config.json fields of a checkpoint. Without its ending a name means the one there is, or the base model; a name
    with another ending is taken where base and instruct share their shape."""
    if name in SHAPES:
        return dict(SHAPES[name])
    candidates = [known for known in SHAPES if stem(known) == stem(name)]
    if len(candidates) == 1 or (candidates and name == stem(name)):
        return dict(SHAPES[candidates[0]])
    raise CannotError(f"--like {name}: expected one of {', '.join(SHAPES)}; found no such shape")


def with_layers(fields, layers):
    """The first `layers` layers; of a hybrid so that both kinds are among them where both exist."""
    known = fields["num_hidden_layers"]
    if not 1 <= layers <= known:
        raise CannotError(f"--layers: expected 1 to {known}, found {layers}")
    fields = fields | {"num_hidden_layers": layers}
    if "layer_types" in fields:
        kinds = fields["layer_types"]
        chosen = kinds[:layers]
        if layers > 1 and len(set(kinds)) > len(set(chosen)):
            chosen[-1] = "attention"  # the published order has the first attention layer deeper than that
        fields["layer_types"] = chosen
    return fields
