# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Observes one forward pass of a transformers model and keeps every site of golden/FORMAT.md as a numpy array.
It only reads: the captured run gives the same bits as an uncaptured one, which tests/generate checks."""
import contextlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from golden.generate.errors import CannotError
from golden.generate.sites import layer_path


class Capture(contextlib.ExitStack):
    """`with Capture(model, layout, scope) as capture: model(...)`, then `capture.values`, path -> array."""

    def __init__(self, model, layout, rotary_scope, forced_inv_freq=None):
        super().__init__()
        self.model, self.layout, self.rotary_scope = model, layout, rotary_scope
        self.forced_inv_freq = forced_inv_freq
        self.own_inv_freq = None  # what the model itself used, or would have used
        self.values = {}
        self.stack = []  # (place, layer) of the modules and functions that are running
        self.batch = self.tokens = None

    def __enter__(self):
        super().__enter__()
        body = self.model.model
        self._before(body, self._note_call)
        for index, layer in enumerate(body.layers):
            self._observe_layer(index, layer)
        self._before(body.layers[0], lambda args, kwargs: self.put("embed_out", first(args, kwargs)))
        if self.layout.rotary:
            self._after(body.rotary_emb, self._keep_angles)
        self._after(body.norm, lambda args, out: self.put("final_norm_out", out))
        self._rebind_functions(sys.modules[type(body).__module__])
        self.enter_context(FunctionProbe(self))
        return self

    def put(self, path, tensor, shape=None, again=False):
        """Copies a value out. A site emitted twice is an error: one name, one place."""
        if path in self.values and not again:
            raise CannotError(f"{path}: expected one value a call, found a second")
        with torch._C.DisableTorchFunction():
            array = tensor.numpy()
        self.values[path] = np.array(array.reshape(shape) if shape else array, order="C")

    def place(self):
        return self.stack[-1] if self.stack else (None, None)

    # Modules ------------------------------------------------------------------------------------------------------

    def _before(self, module, see):
        self.callback(module.register_forward_pre_hook(lambda m, a, k: see(a, k), with_kwargs=True).remove)

    def _after(self, module, see):
        # A hook that returned a value would replace the module's output.
        self.callback(module.register_forward_hook(lambda m, a, out: (see(a, out), None)[1]).remove)

    def _within(self, module, place, layer):
        self.callback(module.register_forward_pre_hook(lambda m, a: self.stack.append((place, layer))).remove)
        self.callback(module.register_forward_hook(lambda m, a, o: (self.stack.pop(), None)[1]).remove)

    def _note_call(self, args, kwargs):
        self.batch, self.tokens = kwargs["input_ids"].shape

    def _keep_angles(self, args, out):
        self.put("rope_cos", out[0])
        self.put("rope_sin", out[1])

    def _observe_layer(self, index, layer):
        def output(module, site, item=None):
            self._after(module, lambda a, out: self.put(layer_path(index, site), out if item is None else out[item]))

        def input_of(module, site):
            self._before(module, lambda args, kwargs: self.put(layer_path(index, site), first(args, kwargs)))

        output(layer.input_layernorm, "attn_norm_out")
        if self.layout.mixers[index] == "attention":
            attention = layer.self_attn
            self._within(attention, "attention", index)
            for name in ("q_proj", "k_proj", "v_proj"):
                output(getattr(attention, name), name)
            input_of(attention.o_proj, "attn_out")
            output(attention, "mixer_out", item=0)
        else:
            self._within(layer.mamba, "mamba", index)
            output(layer.mamba.in_proj, "in_proj")
            output(layer.mamba.norm, "gated_norm_out")
            output(layer.mamba, "mixer_out")
        input_of(layer.post_attention_layernorm, "resid_mid")
        output(layer.post_attention_layernorm, "ffn_norm_out")
        if self.layout.experts:
            block = layer.mlp if self.layout.model_type == "phimoe" else layer.block_sparse_moe
            for item, site in enumerate(("router_logits", "router_weights", "router_experts")):
                output(block.router, site, item)
            self._observe_experts(index, block.experts)
            output(block, "moe_out")
        if self.layout.shared:
            output(layer.shared_mlp.input_linear, "shared_gate_up")
            input_of(layer.shared_mlp.output_linear, "shared_act")
            output(layer.shared_mlp, "shared_mlp_out")
        output(layer, "layer_out")

    def _observe_experts(self, index, experts):
        self._within(experts, "experts", index)
        self._before(experts, lambda args, kwargs: setattr(self, "expert_linears", []))
        self._after(experts, lambda args, out: self._assemble_experts(index, args[1]))

    def _assemble_experts(self, index, chosen):  # chosen [T, k]
        """Eager experts run in ascending order, two linears for each that was chosen, rows slot-major."""
        chosen = chosen.numpy()
        experts = np.unique(chosen)
        if len(self.expert_linears) != 2 * len(experts):
            found = len(self.expert_linears)
            raise CannotError(f"layer {index}: expected {2 * len(experts)} expert linears, found {found}")
        gate_up, act, out = [], [], []
        for linear, (source, result) in enumerate(self.expert_linears):
            (out if linear % 2 else gate_up).append(result)
            act.extend([source] * (linear % 2))
        for site, parts in (("expert_gate_up", gate_up), ("expert_act", act), ("expert_out", out)):
            whole = np.empty((*chosen.shape, parts[0].shape[-1]), dtype=parts[0].dtype)
            for expert, rows in zip(experts, parts):
                slot, token = np.nonzero((chosen == expert).T)
                whole[token, slot] = rows
            self.values[layer_path(index, site)] = whole

    # Functions of the modeling module, looked up by it at call time -------------------------------------------------

    def _rebind_functions(self, modeling):
        wrappers = {
            "apply_rotary_pos_emb": self._wrap_rotation, "eager_attention_forward": self._wrap_attention,
            "causal_conv1d_fn": self._wrap_convolution, "causal_conv1d_update": self._wrap_convolution,
            "mamba2_chunk_scan": lambda original: self._wrap_scan(original, "scan"),
            "mamba2_selective_state_update": lambda original: self._wrap_scan(original, "step"),
        }
        for name, wrap in wrappers.items():
            original = getattr(modeling, name, None)
            if original is not None:
                setattr(modeling, name, wrap(original))
                self.callback(setattr, modeling, name, original)

    def _wrap_rotation(self, original):
        def rotate(*args, **kwargs):
            queries, keys = original(*args, **kwargs)
            _, layer = self.place()
            self.put(layer_path(layer, "q_rope"), queries)
            self.put(layer_path(layer, "k_rope"), keys)
            return queries, keys

        return rotate

    def _wrap_attention(self, original):
        def attend(module, query, key, value, attention_mask, *args, **kwargs):
            layer = module.layer_idx
            # eager_attention_forward adds the mask it is given and nothing else, so without one all keys are seen.
            visible = np.ones((self.batch, self.tokens, key.shape[-2]), dtype=np.uint8)
            if attention_mask is not None:
                with torch._C.DisableTorchFunction():
                    visible &= (attention_mask[:, 0].numpy() == 0).astype(np.uint8)
            self.values[layer_path(layer, "attn_visible")] = visible
            self.stack.append(("softmax", layer))
            output, weights = original(module, query, key, value, attention_mask, *args, **kwargs)
            self.stack.pop()
            self.put(layer_path(layer, "attn_probs"), weights)
            return output, weights

        return attend

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

    # After the call ------------------------------------------------------------------------------------------------

    def finish(self, output, cache):
        """Takes the logits and the caches, which the model updates in place and so must be copied now."""
        self.put("logits", output.logits)
        for index, mixer in enumerate(self.layout.mixers if cache is not None else ()):
            kept = cache.layers[index]
            if mixer == "attention":
                self.put(layer_path(index, "cache_k"), kept.keys)
                self.put(layer_path(index, "cache_v"), kept.values)
            else:
                self.put(layer_path(index, "conv_state"), kept.conv_states[0])
                self.put(layer_path(index, "ssm_state"), kept.recurrent_states[0])
        return self.values


class FunctionProbe(TorchFunctionMode):
    """Sees the calls inside the places that have no module of their own."""

    def __init__(self, capture):
        super().__init__()
        self.capture = capture

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        capture = self.capture
        if capture.rotary_scope:
            if getattr(func, "__name__", "") in ("mul", "__mul__") and is_angle_product(args):
                args = self._inverse_frequencies(args)
            return func(*args, **kwargs)
        result = func(*args, **kwargs)
        place, layer = capture.place()
        if place == "softmax" and func is F.softmax:
            self._scores(layer, args[0])
        elif place == "scan" and func in (F.softplus, torch.clamp):  # the clamp comes second
            capture.put(layer_path(layer, "ssm_dt"), result, again=func is torch.clamp)
        elif place == "step" and func is F.softplus:  # [B, Hm, P], the same for every P
            capture.put(layer_path(layer, "ssm_dt"), result[..., 0], shape=(capture.batch, 1, -1))
        elif place == "experts" and func is F.linear:
            with torch._C.DisableTorchFunction():
                capture.expert_linears.append((args[0].numpy().copy(), result.numpy().copy()))
        return result

    def _scores(self, layer, scores):
        with torch._C.DisableTorchFunction():
            seen = self.capture.values[layer_path(layer, "attn_visible")][:, None].astype(bool)
            self.capture.values[layer_path(layer, "attn_scores")] = np.where(seen, scores.numpy(), 0)

    def _inverse_frequencies(self, args):
        """position [R, L, 1] * inv_freq [d/2]: keeps the latter, or puts a recorded one in its place."""
        capture = self.capture
        capture.own_inv_freq = args[1].numpy().copy()
        if capture.forced_inv_freq is not None:
            args = (args[0], torch.from_numpy(capture.forced_inv_freq))
        capture.put("rope_inv_freq", args[1])
        return args


def is_angle_product(args):
    if len(args) != 2 or not all(isinstance(argument, torch.Tensor) for argument in args):
        return False
    return args[0].dim() == 3 and args[1].dim() == 1


def first(args, kwargs):
    return args[0] if args else kwargs["hidden_states"]
