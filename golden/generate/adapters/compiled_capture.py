# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The capture of a compiled model. It keeps tensors as they are, which the compiler traces and returns beside the
output; turning one into an array would break the graph where it looks, and what it saw would be of another program.
So it looks at modules and at functions of the model, not inside experts nor at functions of torch."""
import torch

from golden.generate.capture import as_array
from golden.generate.capture_v5 import CaptureV5
from golden.generate.sites import layer_path
from golden.generate.truth import body_of

INSIDE_FUNCTIONS = frozenset(("attn_scores", "ssm_dt", "expert_gate_up", "expert_act", "expert_out"))


class CompiledCapture(CaptureV5):
    """Entered once, before the model is compiled, for hooks are part of what is compiled; `each_call` is what run_calls
    takes for a class of captures."""

    def __init__(self, model, layout):
        super().__init__(model, layout, rotary_scope=None)
        self.running = True  # the model is; put() keeps tensors

    def each_call(self, *_):
        return OneCall(self)

    def put(self, path, tensor, shape=None, again=False):
        if self.running:
            self.values[path] = tensor.reshape(shape) if shape else tensor
        else:
            super().put(path, tensor, shape, again)

    def keep_visible(self, layer, attention_mask, keys):
        visible = torch.ones((self.batch, self.tokens, keys), dtype=torch.uint8)
        if attention_mask is not None:
            visible = visible * (attention_mask[:, 0, :, :keys] == 0)
        self.put(layer_path(layer, "attn_visible"), visible)

    def _observe_routing(self, index, layer):
        block = layer.mlp if self.layout.model_type == "phimoe" else layer.block_sparse_moe
        for item, site in enumerate(("router_logits", "router_weights", "router_experts")):
            self._output(index, block.router, site, item)
        self._output(index, block, "moe_out")

    def _probe_functions(self):
        """None of torch's: the compiler replaces them."""

    def finish(self, output, cache, call):
        if self.layout.rotary:
            self.put("rope_inv_freq", body_of(self.model).rotary_emb.inv_freq)
        for path, tensor in self.values.items():
            self.values[path] = as_array(tensor).copy(order="C")
        self.running = False
        found = dict(super().finish(output, cache, call))
        self.values.clear()  # the compiled program goes on writing into this one
        self.running = True
        return found


class OneCall:
    """Of a CompiledCapture that stays."""

    own_inv_freq = None  # never replaced, so of no use to anybody

    def __init__(self, capture):
        self.finish = capture.finish

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None
