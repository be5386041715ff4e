# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The capture of transformers 5.23.0: the sites whose place in the model is another in other versions."""
import numpy as np
import torch
import torch.nn.functional as F

from golden.generate.capture import Capture, as_array
from golden.generate.errors import CannotError
from golden.generate.sites import layer_path

# Of the eager experts, of batched_mm, of grouped_mm.
PRODUCTS = {F.linear, torch.bmm, torch._grouped_mm}


class CaptureV5(Capture):
    def _observe_mamba(self, index, mamba):
        """Convolution, time step and scan have no module: the functions below see them."""

    def _observe_layer_out(self, index, layer):
        self._output(index, layer, "layer_out")

    def _observe_routing(self, index, layer):
        block = layer.mlp if self.layout.model_type == "phimoe" else layer.block_sparse_moe
        for item, site in enumerate(("router_logits", "router_weights", "router_experts")):
            self._output(index, block.router, site, item)
        self._within(block.experts, "experts", index)
        self._before(block.experts, lambda args, kwargs: setattr(self, "expert_linears", []))
        self._after(block.experts, lambda args, out: self._put_experts(index, args[1]))
        self._output(index, block, "moe_out")

    def _put_experts(self, index, chosen):  # chosen [T, k]
        implementation = self.model.config._experts_implementation
        if implementation == "eager":
            self._assemble_experts(index, chosen.numpy())
        else:  # one product of all rows for gate and up, one for down
            rows = None if implementation == "batched_mm" else torch.sort(chosen.reshape(-1))[1].numpy()
            self._unsort_experts(index, chosen.shape, rows)

    def _unsort_experts(self, index, shape, rows):
        """rows: which slot, counted token by token, each row of a product is of; None: they are in that order."""
        if len(self.expert_linears) != 2:
            raise CannotError(f"layer {index}: expected 2 products of experts, found {len(self.expert_linears)}")
        (_, gate_up), (act, out) = self.expert_linears
        for site, found in (("expert_gate_up", gate_up), ("expert_act", act), ("expert_out", out)):
            whole = found.reshape(shape[0] * shape[1], -1)
            if rows is not None:
                whole[rows] = whole.copy()
            self.put(layer_path(index, site), torch.from_numpy(whole), (*shape, whole.shape[-1]))

    def _assemble_experts(self, index, chosen):
        """Eager experts run in ascending order, two linears for each that was chosen, rows slot-major."""
        experts = np.unique(chosen)
        if len(self.expert_linears) != 2 * len(experts):
            found = len(self.expert_linears)
            raise CannotError(f"layer {index}: expected {2 * len(experts)} expert linears, found {found}")
        gate_up, act, out = [], [], []
        for linear, (source, result) in enumerate(self.expert_linears):
            (out if linear % 2 else gate_up).append(result)
            act.extend([source] * (linear % 2))
        self.put_slots(index, chosen, {"expert_gate_up": gate_up, "expert_act": act, "expert_out": out})

    # Functions ------------------------------------------------------------------------------------------------------

    def _wrappers(self):
        return super()._wrappers() | {
            "causal_conv1d_fn": self._wrap_convolution, "causal_conv1d_update": self._wrap_convolution,
            "mamba2_chunk_scan": lambda original: self._wrap_scan(original, "scan"),
            "mamba2_selective_state_update": lambda original: self._wrap_scan(original, "step"),
        }

    def _wrap_convolution(self, original):
        def convolve(*args, **kwargs):
            out = original(*args, **kwargs)  # [B, C, L], after the history if there is one
            _, layer = self.place()
            self.put(layer_path(layer, "conv_out"), out.transpose(1, 2)[:, -self.tokens :])
            return out

        return convolve

    def _wrap_scan(self, original, place):
        def scan(*args, **kwargs):
            _, layer = self.place()
            self.stack.append((place, layer))
            result = original(*args, **kwargs)
            self.stack.pop()
            out = result[0] if isinstance(result, tuple) else result  # [B, L, Hm, P], or [B, Hm, P] for one token
            self.put(layer_path(layer, "ssm_out"), out, shape=(self.batch, self.tokens, -1))
            return result

        return scan

    def angle_factors(self, func, args):
        """position [R, L, 1] * inv_freq [d/2]"""
        if getattr(func, "__name__", "") in ("mul", "__mul__") and is_angle_product(args):
            return args[1], lambda inv_freq: (args[0], inv_freq)
        return None

    def observe(self, func, args, result):
        super().observe(func, args, result)
        place, layer = self.place()
        if place == "scan" and func in (F.softplus, torch.clamp):  # the clamp comes second
            self.put(layer_path(layer, "ssm_dt"), result, again=func is torch.clamp)
        elif place == "step" and func is F.softplus:  # [B, Hm, P], the same for every P
            self.put(layer_path(layer, "ssm_dt"), result[..., 0], shape=(self.batch, 1, -1))
        elif place == "experts" and func in PRODUCTS:
            source = args[1 if func is torch.bmm else 0]
            self.expert_linears.append((as_array(source).copy(), as_array(result).copy()))

    # After the call -------------------------------------------------------------------------------------------------

    def kept(self, cache, index, mixer):
        layer = cache.layers[index]
        if mixer == "attention":
            return {"cache_k": layer.keys, "cache_v": layer.values}
        return {"conv_state": layer.conv_states[0], "ssm_state": layer.recurrent_states[0]}


def is_angle_product(args):
    if len(args) != 2 or not all(isinstance(argument, torch.Tensor) for argument in args):
        return False
    return args[0].dim() == 3 and args[1].dim() == 1
