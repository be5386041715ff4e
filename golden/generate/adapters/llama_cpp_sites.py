# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Which node of llama.cpp's graph is which site of golden/FORMAT.md, and how its values become those of the site.
Nodes are known by the weight that they multiply or add, and where there is none by the name that the builder gives."""
import re

import numpy as np

from golden.generate.sites import layer_path

# Of a product with a weight, or with experts' weights; the bias that is added to it has the same name.
PRODUCTS = {
    "attn_q": "q_proj", "attn_k": "k_proj", "attn_v": "v_proj", "attn_output": "mixer_out",
    "ssm_in": "in_proj", "ssm_out": "mixer_out", "ffn_gate_inp": "router_logits",
    "ffn_gate_exps": "expert_gate", "ffn_up_exps": "expert_up", "ffn_down_exps": "expert_out",
    "ffn_gate_shexp": "shared_gate", "ffn_up_shexp": "shared_up", "ffn_down_shexp": "shared_mlp_out",
    "ffn_gate": "shared_gate", "ffn_up": "shared_up", "ffn_down": "shared_mlp_out",
}
# Of a normalised value times its weight, or plus its bias.
NORMS = {"attn_norm": "attn_norm_out", "ffn_norm": "ffn_norm_out", "ssm_norm": "gated_norm_out"}
NAMES = {
    "kqv_out": "attn_out", "ffn_moe_topk": "router_experts", "ffn_moe_weights_norm": "router_weights",
    "ffn_moe_swiglu": "expert_act", "ffn_moe_out": "moe_out", "ffn_swiglu": "shared_act",
    "mamba2_y_add_d": "ssm_out", "l_out": "layer_out",
}
OUTER_NAMES = {"embd": "embed_out", "result_norm": "final_norm_out", "result_output": "logits"}
HALVES = {"expert_gate_up": ("expert_gate", "expert_up"), "shared_gate_up": ("shared_gate", "shared_up")}
# Inside a kernel, or nowhere: angles and time steps are never stored, the cache of the convolution has a column less,
# and losses and tuples are not computed.
NOT_PROVIDED = frozenset((
    "rope_inv_freq", "rope_cos", "rope_sin", "ssm_dt", "conv_state", "hidden_states", "attentions", "aux_loss", "loss",
))
WEIGHT = re.compile(r"blk\.(\d+)\.(\w+)\.?(weight|bias)?")
NUMBERED = re.compile(r"(\w+)-(\d+)")


class Sites:
    """Of one call: batch rows of `tokens` each behind `past` others. look() at every node, then finish()."""

    def __init__(self, layout, batch, tokens, past, interleaved):
        self.layout, self.batch, self.tokens, self.keys = layout, batch, tokens, past + tokens
        self.interleaved = interleaved  # llama.cpp rotates neighbouring pairs of q and k
        self.values = {}
        self.scores = {}  # layer -> [B, H, L, cells]; the softmax overwrites them

    def look(self, node):
        """Keeps what the node shows; a later one of the same site takes its place: a bias was added."""
        weight = node.source(1) if node.op in ("ADD", "MUL") else node.source(0)
        match = WEIGHT.fullmatch(weight.name) if weight is not None else None
        if match is not None:
            self.look_at_weighted(node, int(match[1]), match[2])
        if node.op == "SSM_SCAN":
            layer = int(WEIGHT.fullmatch(node.source(3).name)[1])
            self.put(layer, "ssm_state", self.state(node.array()))
        elif node.op == "SILU":
            self.look_at_activation(node)
        if node.name in OUTER_NAMES:
            self.values[OUTER_NAMES[node.name]] = self.rows(node.array())
        elif (match := NUMBERED.fullmatch(node.name)) is not None:
            self.look_at_named(node, match[1], int(match[2]))

    def look_at_weighted(self, node, layer, weight):
        if node.op in ("MUL_MAT", "MUL_MAT_ID", "ADD") and weight in PRODUCTS:
            site = PRODUCTS[weight]
            value = self.slots(node.array()) if weight.endswith("_exps") else self.rows(node.array())
            if site == "router_logits":
                value = value.reshape(self.batch * self.tokens, -1)
            if site in ("q_proj", "k_proj"):
                value = self.halved(value)
            self.put(layer, site, value)
        elif node.op in ("MUL", "ADD") and weight in NORMS:
            self.put(layer, NORMS[weight], self.rows(node.array()))
            if node.op == "MUL" and weight == "ffn_norm":  # the residual, which is still needed and so still there
                self.put(layer, "resid_mid", self.rows(node.source(0).source(0).array()))

    def look_at_activation(self, node):
        biased = node.source(0)
        convolution = biased.source(0) if biased.op == "ADD" else None
        if convolution is not None and convolution.op == "SSM_CONV":
            layer = int(WEIGHT.fullmatch(convolution.source(1).name)[1])
            self.put(layer, "conv_out", self.rows(node.array()))

    def look_at_named(self, node, name, layer):
        if name in ("Qcur", "Kcur") and node.op == "ROPE":
            heads = node.array().reshape(self.batch, self.tokens, node.layout.ne[1], node.layout.ne[0])
            self.put(layer, "q_rope" if name == "Qcur" else "k_rope", self.halved(heads).transpose(0, 2, 1, 3))
        elif name == "kq":  # [B, H, L, cells], of the keys [B, KV, cells, d]
            self.scores[layer] = node.array()
            self.put(layer, "cache_k", self.halved(node.source(0).array()[:, :, : self.keys]))
        elif name == "kqv":  # the values, [B, KV, d, cells]
            self.put(layer, "cache_v", node.source(0).array()[..., : self.keys].swapaxes(2, 3))
        elif name == "kq_soft_max":
            self.look_at_softmax(node, layer)
        elif name in ("ffn_moe_topk", "ffn_moe_weights_norm"):
            self.put(layer, NAMES[name], node.array().reshape(self.batch * self.tokens, -1))
        elif name == "ffn_moe_swiglu":
            self.put(layer, NAMES[name], self.slots(node.array()))
        elif name in NAMES:
            self.put(layer, NAMES[name], self.rows(node.array()))

    def look_at_softmax(self, node, layer):
        """[B, H, L, cells]; the softmax scales its input and adds the mask, [B, 1, L, cells], itself."""
        visible = node.source(1).array()[:, :, : self.tokens, : self.keys] == 0
        scaled = self.scores[layer][..., : self.keys] * np.float32(node.float_parameter(0))
        self.put(layer, "attn_visible", np.broadcast_to(visible[:, 0], (self.batch, self.tokens, self.keys)))
        self.put(layer, "attn_scores", np.where(visible, scaled, np.float32(0)))
        self.put(layer, "attn_probs", node.array()[..., : self.keys])

    def finish(self):
        """path -> array"""
        for index in range(len(self.layout.mixers)):
            for whole, (first, second) in HALVES.items():
                parts = [self.values.pop(layer_path(index, part), None) for part in (first, second)]
                if parts[0] is not None and parts[1] is not None:
                    self.put(index, whole, np.concatenate(parts, axis=-1))
        return self.values

    def put(self, layer, site, value):
        self.values[layer_path(layer, site)] = np.ascontiguousarray(value)

    def rows(self, array):
        return array.reshape(self.batch, self.tokens, -1)

    def slots(self, array):
        return array.reshape(self.batch * self.tokens, self.layout.extents["k"], -1)

    def state(self, array):
        """Behind the output of the scan."""
        extents = [self.layout.extents[letter] for letter in ("Hm", "P", "N")]
        return array.reshape(-1)[-self.batch * int(np.prod(extents)) :].reshape(self.batch, *extents)

    def halved(self, array):
        """The channels of each head from pairs of one of each half to [first half, second half]; the last axis is one
        head or several."""
        if not self.interleaved:
            return array
        size = self.layout.extents["d"]
        pairs = array.reshape(*array.shape[:-1], -1, size // 2, 2)
        return pairs.swapaxes(-1, -2).reshape(array.shape)
