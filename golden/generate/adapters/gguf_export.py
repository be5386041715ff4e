# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Writes a checkpoint as the GGUF file that llama.cpp reads, in F32 or BF16, with a vocabulary of numbers only. Run by
the Python that has the PyPI package gguf: `python -m golden.generate.adapters.gguf_export CHECKPOINT f32|bf16 OUT`.

Keys and tensor names are those that llama.cpp's architectures granite, granitemoe, granitehybrid and phimoe ask for.
Values are moved, not computed, with two exceptions of the format: A is stored as -exp(A_log), and of Granite the rows
of q and k are reordered, as llama.cpp rotates neighbouring pairs and transformers the two halves of a head."""
import math
import os
import sys

import numpy as np

from golden.generate.adapters.checkpoint import open_checkpoint
from golden.generate.adapters.gguf_completed import completed
from golden.generate.errors import CannotError
from golden.generate.sites import head_of_architectures

BLOCK_NAMES = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mamba.in_proj": "ssm_in", "mamba.conv1d": "ssm_conv1d", "mamba.norm": "ssm_norm", "mamba.out_proj": "ssm_out",
    "block_sparse_moe.router.layer": "ffn_gate_inp", "block_sparse_moe.output_linear": "ffn_down_exps",
    "block_sparse_moe.gate": "ffn_gate_inp", "block_sparse_moe.experts.w1": "ffn_gate_exps",
    "block_sparse_moe.experts.w2": "ffn_down_exps", "block_sparse_moe.experts.w3": "ffn_up_exps",
}
OUTER_NAMES = {
    "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight", "model.norm.bias": "output_norm.bias", "lm_head.bias": "output.bias",
}
ALWAYS_F32 = ("ffn_gate_inp.weight", "ssm_conv1d.weight")  # and all vectors; what llama.cpp's kernels take


def refusal(checkpoint):
    """Why a GGUF file cannot say what this model is, or None."""
    fields = checkpoint.fields
    if (head := head_of_architectures(fields.get("architectures"))) != "causal_lm":
        return f"llama.cpp has no such head, {head}"
    if fields.get("hidden_act", "silu") not in ("silu", "swish"):
        return f"llama.cpp's graphs of these architectures know silu, not {fields['hidden_act']}"
    rope = fields.get("rope_parameters") or fields.get("rope_scaling") or {}
    if uses_rope(checkpoint) and rope.get("rope_type", rope.get("type", "default")) != "default":
        return "scaled rotary embedding is not exported"
    if rope.get("partial_rotary_factor", 1.0) != 1.0:
        return "a rotary embedding of a part of the head is not exported"
    if "mamba" in checkpoint.mixers:
        return refusal_of_mamba(fields)
    if architecture(checkpoint) == "granitemoe" and not uses_rope(checkpoint):
        return "llama.cpp's granitemoe always has a rotary embedding"
    return None


def refusal_of_mamba(fields):
    if fields.get("mamba_expand", 2) != 2:
        return "llama.cpp's granitehybrid expects mamba_expand = 2"
    if fields.get("mamba_proj_bias"):
        return "llama.cpp's granitehybrid has no biases of the Mamba projections"
    least, most = fields.get("time_step_limit") or (0.0, math.inf)
    if least != 0 or not (most == math.inf or most == {"__float__": "Infinity"}):  # JSON has no word for it
        return "llama.cpp does not clamp the time step"
    return None


def difference(checkpoint):
    """What llama.cpp is known to compute otherwise than transformers, or None."""
    if checkpoint.model_type == "phimoe":
        return "llama.cpp's phimoe has other norms (no mean) and another router (no sparsemixer)"
    return None


def architecture(checkpoint):
    if checkpoint.model_type == "phimoe":
        return "phimoe"
    if "mamba" in checkpoint.mixers:
        return "granitehybrid"
    return "granitemoe" if checkpoint.experts else "granite"


def uses_rope(checkpoint):
    return checkpoint.model_type != "granitemoehybrid" or checkpoint.fields.get("position_embedding_type") == "rope"


def metadata(checkpoint):
    """{key without the architecture: value}; int is uint32, float float32, list an array of int32."""
    fields = checkpoint.fields
    shared = fields.get("shared_intermediate_size", 0)
    rope = fields.get("rope_parameters") or {}
    keys = {
        "context_length": fields["max_position_embeddings"],
        "embedding_length": fields["hidden_size"],
        "block_count": fields["num_hidden_layers"],
        "feed_forward_length": fields["intermediate_size"] if checkpoint.experts else shared,
        "vocab_size": fields["vocab_size"],
        "attention.head_count": fields["num_attention_heads"],
        "attention.head_count_kv": key_value_heads(checkpoint),
        "attention.key_length": checkpoint.head_size,
        "attention.value_length": checkpoint.head_size,
        "attention.layer_norm_rms_epsilon": float(fields["rms_norm_eps"]),
        "rope.dimension_count": checkpoint.head_size,
        "rope.freq_base": float(rope.get("rope_theta") or fields.get("rope_theta") or 10000.0),
        "rope.scaling.finetuned": uses_rope(checkpoint),  # granitehybrid's switch of the rotary embedding
    }
    if checkpoint.model_type != "phimoe":
        keys |= {
            "attention.scale": float(fields["attention_multiplier"]),
            "embedding_scale": float(fields["embedding_multiplier"]),
            "residual_scale": float(fields["residual_multiplier"]),
            "logit_scale": float(fields["logits_scaling"]),
        }
    if checkpoint.experts:
        keys |= {"expert_count": checkpoint.experts, "expert_used_count": checkpoint.experts_per_token}
        if shared:
            keys["expert_shared_feed_forward_length"] = shared
    if "mamba" in checkpoint.mixers:
        keys |= {
            "ssm.conv_kernel": fields["mamba_d_conv"],
            "ssm.inner_size": fields["mamba_n_heads"] * fields["mamba_d_head"],
            "ssm.state_size": fields["mamba_d_state"],
            "ssm.time_step_rank": fields["mamba_n_heads"],
            "ssm.group_count": fields["mamba_n_groups"],
        }
    return keys


def key_value_heads(checkpoint):
    """A list marks the Mamba layers of a hybrid: they have none."""
    heads = checkpoint.fields["num_key_value_heads"]
    if "mamba" not in checkpoint.mixers:
        return heads
    return [heads if mixer == "attention" else 0 for mixer in checkpoint.mixers]


def interleaved(array, heads):
    """Rows of each head from [first half, second half] to pairs of one of each."""
    rows = array.shape[0] // heads
    halves = array.reshape(heads, 2, rows // 2, -1)
    return np.ascontiguousarray(halves.transpose(0, 2, 1, 3)).reshape(array.shape)


def translate(checkpoint, name):
    """[(name in GGUF, function from the stored array to the one to write)] of one tensor."""
    if name in OUTER_NAMES:
        return [(OUTER_NAMES[name], same)]
    _, _, layer, path = name.split(".", 3)
    block = f"blk.{layer}"
    if path == "mamba.A_log":
        return [(f"{block}.ssm_a", lambda array: -np.exp(array)[:, None])]
    if path == "mamba.D":
        return [(f"{block}.ssm_d", lambda array: array[:, None])]
    if path == "mamba.dt_bias":
        return [(f"{block}.ssm_dt.bias", same)]
    if path == "mamba.conv1d.weight":
        return [(f"{block}.ssm_conv1d.weight", lambda array: array[:, 0, :])]
    if path == "mamba.norm.weight":
        groups = checkpoint.fields.get("mamba_n_groups", 1)
        return [(f"{block}.ssm_norm.weight", lambda array: array.reshape(groups, -1))]
    if path == "block_sparse_moe.input_linear.weight":
        return halves_of(f"{block}.ffn_gate_exps.weight", f"{block}.ffn_up_exps.weight")
    if path.startswith("shared_mlp."):
        ending = "_shexp" if checkpoint.experts else ""
        if path == "shared_mlp.input_linear.weight":
            return halves_of(f"{block}.ffn_gate{ending}.weight", f"{block}.ffn_up{ending}.weight")
        return [(f"{block}.ffn_down{ending}.weight", same)]
    stem, suffix = path.rsplit(".", 1)
    if stem not in BLOCK_NAMES:
        raise CannotError(f"{name}: expected a tensor that GGUF has a name for, found none")
    target = f"{block}.{BLOCK_NAMES[stem]}.{suffix}"
    heads = {"self_attn.q_proj": "num_attention_heads", "self_attn.k_proj": "num_key_value_heads"}.get(stem)
    if heads is None or checkpoint.model_type == "phimoe":  # whose rotary embedding turns halves in both
        return [(target, same)]
    return [(target, lambda array: interleaved(array, checkpoint.fields[heads]))]


def same(array):
    return array


def halves_of(gate, up):
    """The stored tensor holds gate above up."""
    return [
        (gate, lambda array: array[..., : array.shape[-2] // 2, :]),
        (up, lambda array: array[..., array.shape[-2] // 2 :, :]),
    ]


def widened(array, dtype):
    """float32 of a stored array; bfloat16 comes as its bits."""
    if dtype == "bfloat16":
        return (np.asarray(array, dtype=np.uint32) << 16).view(np.float32)
    return array.astype(np.float32)


def stays_f32(name, rank):
    return rank < 2 or name.endswith((".ssm_a", ".ssm_d", ".ssm_norm.weight", *ALWAYS_F32))


def keeps_bfloat16(stored, name, weights):
    if weights == "f32" or stays_f32(name, len(stored.shape)):
        return False
    if stored.dtype != "bfloat16":
        raise CannotError(f"{name}: expected bfloat16 weights for a BF16 file, found {stored.dtype}")
    return True


def convert(checkpoint, source, name, change, weights):
    """The array to write, float32 or bfloat16 as its bits."""
    stored = checkpoint.tensors[source]
    array = checkpoint.read(source)
    if keeps_bfloat16(stored, name, weights):
        return np.ascontiguousarray(change(array))
    if name.endswith(".ssm_a"):  # the one whose values change, and so must be numbers first
        return change(widened(array, stored.dtype))
    return widened(np.ascontiguousarray(change(array)), stored.dtype)


def export(checkpoint, weights, out):
    import gguf

    if (reason := refusal(checkpoint)) is not None:
        raise CannotError(f"{checkpoint.directory}: expected a model that llama.cpp runs, found that {reason}")
    checkpoint = completed(checkpoint)
    temporary = f"{out}.tmp"
    writer = gguf.GGUFWriter(temporary, architecture(checkpoint))
    write_metadata(writer, checkpoint)
    plan = [(name, source, change) for source in checkpoint.tensors for name, change in translate(checkpoint, source)]
    for name, source, change in plan:  # all names and shapes come first in the file
        shape = change(np.broadcast_to(np.float32(0), checkpoint.tensors[source].shape)).shape
        half = keeps_bfloat16(checkpoint.tensors[source], name, weights)
        kind = gguf.GGMLQuantizationType.BF16 if half else gguf.GGMLQuantizationType.F32
        item = np.dtype(np.uint16 if half else np.float32)
        writer.add_tensor_info(name, shape, item, math.prod(shape) * item.itemsize, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for name, source, change in plan:
        writer.write_tensor_data(convert(checkpoint, source, name, change, weights))
    writer.close()
    os.replace(temporary, out)


def write_metadata(writer, checkpoint):
    prefix = architecture(checkpoint)
    for key, value in metadata(checkpoint).items():
        key = f"{prefix}.{key}"
        if isinstance(value, bool):
            writer.add_bool(key, value)
        elif isinstance(value, int):
            writer.add_uint32(key, value)
        elif isinstance(value, float):
            writer.add_float32(key, value)
        else:
            writer.add_array(key, value)
    writer.add_tokenizer_model("none")  # token ids go in and come out


def main(arguments):
    directory, weights, out = arguments
    try:
        export(open_checkpoint(directory), weights, out)
    except (CannotError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
