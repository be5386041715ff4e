# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Small checkpoints, whose tensors count up from zero."""
import json
import math
from pathlib import Path

import numpy as np

from golden.generate.adapters.checkpoint import open_checkpoint
from golden.generate.tensor_file import write_tensor_file

MOE = {
    "model_type": "granitemoe", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
    "num_key_value_heads": 1, "vocab_size": 11, "intermediate_size": 3, "num_local_experts": 4,
    "num_experts_per_tok": 2, "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "attention_multiplier": 0.25,
    "embedding_multiplier": 12, "residual_multiplier": 0.5, "logits_scaling": 6.0, "rope_theta": 10000.0,
    "tie_word_embeddings": True,
}
MOE_TENSORS = {
    "model.embed_tokens.weight": (11, 8),
    "model.layers.0.input_layernorm.weight": (8,),
    "model.layers.0.self_attn.q_proj.weight": (8, 8),
    "model.layers.0.self_attn.k_proj.weight": (4, 8),
    "model.layers.0.self_attn.v_proj.weight": (4, 8),
    "model.layers.0.self_attn.o_proj.weight": (8, 8),
    "model.layers.0.post_attention_layernorm.weight": (8,),
    "model.layers.0.block_sparse_moe.router.layer.weight": (4, 8),
    "model.layers.0.block_sparse_moe.input_linear.weight": (4, 6, 8),
    "model.layers.0.block_sparse_moe.output_linear.weight": (4, 8, 3),
    "model.norm.weight": (8,),
}
MAMBA = {
    "model_type": "granitemoehybrid", "layer_types": ["mamba"], "num_local_experts": 0, "num_experts_per_tok": 0,
    "shared_intermediate_size": 5, "mamba_n_heads": 4, "mamba_d_head": 4, "mamba_d_state": 3, "mamba_n_groups": 1,
    "mamba_d_conv": 4, "mamba_expand": 2, "position_embedding_type": "nope",
}
MAMBA_TENSORS = {
    "model.embed_tokens.weight": (11, 8),
    "model.layers.0.input_layernorm.weight": (8,),
    "model.layers.0.mamba.in_proj.weight": (42, 8),
    "model.layers.0.mamba.conv1d.weight": (22, 1, 4),
    "model.layers.0.mamba.conv1d.bias": (22,),
    "model.layers.0.mamba.dt_bias": (4,),
    "model.layers.0.mamba.A_log": (4,),
    "model.layers.0.mamba.D": (4,),
    "model.layers.0.mamba.norm.weight": (16,),
    "model.layers.0.mamba.out_proj.weight": (8, 16),
    "model.layers.0.post_attention_layernorm.weight": (8,),
    "model.layers.0.shared_mlp.input_linear.weight": (10, 8),
    "model.layers.0.shared_mlp.output_linear.weight": (8, 5),
    "model.norm.weight": (8,),
}


def counting(shape):
    """bfloat16 bits of 0, 1, 2, ..., of which the first 256 are exact."""
    values = np.arange(math.prod(shape), dtype=np.float32).reshape(shape)
    return (values.view(np.uint32) >> 16).astype(np.uint16)


def write_checkpoint(directory, fields, tensors):
    directory = Path(directory)
    (directory / "config.json").write_text(json.dumps(fields))
    stored = {name: ("bfloat16", shape) for name, shape in tensors.items()}
    write_tensor_file(directory / "model.safetensors", stored, lambda name: counting(tensors[name]))
    return open_checkpoint(directory)


def moe_checkpoint(directory, **changes):
    return write_checkpoint(directory, MOE | changes, MOE_TENSORS)


def mamba_checkpoint(directory, **changes):
    return write_checkpoint(directory, MOE | MAMBA | changes, MAMBA_TENSORS)
