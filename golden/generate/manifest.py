# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Names and shapes of the tensors of a checkpoint, as transformers 4.x and every published file spell them on disk.
tests/generate checks them against what transformers itself saves."""
from golden.generate.sites import layout_of


def manifest(config):
    """transformers configuration -> {name on disk: shape}, in the order of the layers. A bare model is saved without
    the prefix "model."; a classification has no language head."""
    layout = layout_of(config)
    extents = layout.extents
    phimoe = config.model_type == "phimoe"
    hidden, vocabulary = extents["D"], extents["V"]
    tensors = {"model.embed_tokens.weight": (vocabulary, hidden)}

    def norm(name):
        tensors[f"{name}.weight"] = (hidden,)
        if phimoe:
            tensors[f"{name}.bias"] = (hidden,)

    def linear(name, out, into, bias):
        tensors[f"{name}.weight"] = (out, into)
        if bias:
            tensors[f"{name}.bias"] = (out,)

    for index, mixer in enumerate(layout.mixers):
        layer = f"model.layers.{index}"
        norm(f"{layer}.input_layernorm")
        if mixer == "attention":
            for part, rows in (("q", "H*d"), ("k", "KV*d"), ("v", "KV*d")):
                linear(f"{layer}.self_attn.{part}_proj", extents[rows], hidden, config.attention_bias)
            linear(f"{layer}.self_attn.o_proj", hidden, extents["H*d"], config.attention_bias)
        else:
            mamba(tensors, linear, f"{layer}.mamba", config, extents)
        norm(f"{layer}.post_attention_layernorm")
        if layout.experts or config.model_type in ("granitemoe", "granitemoeshared"):  # there also without experts
            routed(tensors, f"{layer}.block_sparse_moe", extents, phimoe)
            learned(tensors, f"{layer}.block_sparse_moe.experts.act_fn", config)
        if layout.shared:
            linear(f"{layer}.shared_mlp.input_linear", extents["2*Is"], hidden, False)
            linear(f"{layer}.shared_mlp.output_linear", hidden, extents["Is"], False)
            learned(tensors, f"{layer}.shared_mlp.activation", config)
    norm("model.norm")
    if layout.head == "none":
        return {name.removeprefix("model."): shape for name, shape in tensors.items()}
    if layout.head == "sequence_classification":
        linear("score", extents["num_labels"], hidden, False)
    elif not config.tie_word_embeddings:
        linear("lm_head", vocabulary, hidden, phimoe and config.lm_head_bias)
    elif phimoe and config.lm_head_bias:
        tensors["lm_head.bias"] = (vocabulary,)
    return tensors


def mamba(tensors, linear, name, config, extents):
    linear(f"{name}.in_proj", extents["Im+C+Hm"], extents["D"], config.mamba_proj_bias)
    tensors[f"{name}.conv1d.weight"] = (extents["C"], 1, extents["K"])
    if config.mamba_conv_bias:
        tensors[f"{name}.conv1d.bias"] = (extents["C"],)
    for scalar in ("dt_bias", "A_log", "D"):
        tensors[f"{name}.{scalar}"] = (extents["Hm"],)
    tensors[f"{name}.norm.weight"] = (extents["Im"],)
    linear(f"{name}.out_proj", extents["D"], extents["Im"], config.mamba_proj_bias)
    learned(tensors, f"{name}.act", config)  # stored, and never used


def learned(tensors, name, config):
    """What an activation has learned, PReLU and XIELUActivation; the others have nothing."""
    if config.hidden_act == "prelu":
        tensors[f"{name}.weight"] = (1,)
    if config.hidden_act == "xielu":
        tensors |= {f"{name}.alpha_p": (1,), f"{name}.alpha_n": (1,), f"{name}.beta": (), f"{name}.eps": ()}


def routed(tensors, name, extents, phimoe):
    experts, width, hidden = extents["E"], extents["I"], extents["D"]
    if not phimoe:
        tensors[f"{name}.router.layer.weight"] = (experts, hidden)
        tensors[f"{name}.input_linear.weight"] = (experts, 2 * width, hidden)
        tensors[f"{name}.output_linear.weight"] = (experts, hidden, width)
        return
    tensors[f"{name}.gate.weight"] = (experts, hidden)
    for expert in range(experts):
        tensors[f"{name}.experts.{expert}.w1.weight"] = (width, hidden)
        tensors[f"{name}.experts.{expert}.w3.weight"] = (width, hidden)
        tensors[f"{name}.experts.{expert}.w2.weight"] = (hidden, width)
