# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Observes one forward pass of a transformers model and keeps every site of golden/FORMAT.md as a numpy array.
It only reads: the captured run gives the same bits as an uncaptured one, which tests/generate checks.

Here is what all versions of transformers have in common. Where they differ, a method is declared here and defined by
the class of the version: capture_v5.py, capture_v4.py."""
import contextlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from golden.generate.errors import CannotError
from golden.generate.sites import layer_path
from golden.generate.truth import body_of


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
        body = body_of(self.model)
        self._before(body, self._note_call)
        for index, layer in enumerate(body.layers):
            self._observe_layer(index, layer)
        self._before(body.layers[0], lambda args, kwargs: self.put("embed_out", first(args, kwargs)))
        if self.layout.rotary:
            self._after(body.rotary_emb, self._keep_angles)
        self._after(body.norm, lambda args, out: self.put("final_norm_out", out))
        if self.layout.head == "sequence_classification":
            self._after(self.model.score, lambda args, out: self.put("score_out", out))
        self._rebind_functions(sys.modules[type(body).__module__])
        self._probe_functions()
        return self

    def _probe_functions(self):
        self.enter_context(FunctionProbe(self))

    def put(self, path, tensor, shape=None, again=False):
        """Copies a value out. A site emitted twice is an error: one name, one place."""
        if path in self.values and not again:
            raise CannotError(f"{path}: expected one value a call, found a second")
        array = as_array(tensor)
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
        ids = args[0] if args else kwargs.get("input_ids")
        self.batch, self.tokens = (kwargs["inputs_embeds"] if ids is None else ids).shape[:2]

    def _keep_angles(self, args, out):
        self.put("rope_cos", out[0])
        self.put("rope_sin", out[1])

    def _output(self, index, module, site, item=None):
        self._after(module, lambda a, out: self.put(layer_path(index, site), out if item is None else out[item]))

    def _input(self, index, module, site):
        self._before(module, lambda args, kwargs: self.put(layer_path(index, site), first(args, kwargs)))

    def _observe_layer(self, index, layer):
        self._output(index, layer.input_layernorm, "attn_norm_out")
        if self.layout.mixers[index] == "attention":
            attention = layer.self_attn
            self._within(attention, "attention", index)
            for name in ("q_proj", "k_proj", "v_proj"):
                self._output(index, getattr(attention, name), name)
            self._input(index, attention.o_proj, "attn_out")
            self._output(index, attention, "mixer_out", item=0)
        else:
            self._within(layer.mamba, "mamba", index)
            self._output(index, layer.mamba.in_proj, "in_proj")
            self._observe_mamba(index, layer.mamba)
            self._output(index, layer.mamba.norm, "gated_norm_out")
            self._output(index, layer.mamba, "mixer_out")
        self._input(index, layer.post_attention_layernorm, "resid_mid")
        self._output(index, layer.post_attention_layernorm, "ffn_norm_out")
        if self.layout.experts:
            self._observe_routing(index, layer)
        if self.layout.shared:
            self._output(index, layer.shared_mlp.input_linear, "shared_gate_up")
            self._input(index, layer.shared_mlp.output_linear, "shared_act")
            self._output(index, layer.shared_mlp, "shared_mlp_out")
        self._observe_layer_out(index, layer)

    def _observe_mamba(self, index, mamba):
        """conv_out, ssm_dt and ssm_out, as far as modules show them."""
        raise NotImplementedError

    def _observe_routing(self, index, layer):
        """The sites from router_logits to moe_out."""
        raise NotImplementedError

    def _observe_layer_out(self, index, layer):
        raise NotImplementedError

    def put_slots(self, index, chosen, sites):
        """chosen [T, k]; sites: name -> an array for each expert in ascending order, its rows slot-major."""
        for site, parts in sites.items():
            whole = np.empty((*chosen.shape, parts[0].shape[-1]), dtype=parts[0].dtype)
            for expert, rows in zip(np.unique(chosen), parts):
                slot, token = np.nonzero((chosen == expert).T)
                whole[token, slot] = rows
            self.values[layer_path(index, site)] = whole

    # Functions of the modeling module, looked up by it at call time -------------------------------------------------

    def _rebind_functions(self, modeling):
        for name, wrap in self._wrappers().items():
            original = getattr(modeling, name, None)
            if original is not None:
                setattr(modeling, name, wrap(original))
                self.callback(setattr, modeling, name, original)

    def _wrappers(self):
        """Name of a function -> what makes an observed one of it. A module that lacks the name is left alone."""
        return {"apply_rotary_pos_emb": self._wrap_rotation, "eager_attention_forward": self._wrap_attention}

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
            self.keep_visible(layer, attention_mask, key.shape[-2])
            self.stack.append(("softmax", layer))
            output, weights = original(module, query, key, value, attention_mask, *args, **kwargs)
            self.stack.pop()
            self.put(layer_path(layer, "attn_probs"), weights)
            return output, weights

        return attend

    def keep_visible(self, layer, attention_mask, keys):
        """attention_mask: None or [B, 1, L, at least S], 0 where a key is seen."""
        visible = np.ones((self.batch, self.tokens, keys), dtype=np.uint8)
        if attention_mask is not None:
            visible &= (as_array(attention_mask)[:, 0, :, :keys] == 0).astype(np.uint8)
        self.values[layer_path(layer, "attn_visible")] = visible

    # Tensor functions, inside the places that have no module of their own --------------------------------------------

    def angle_factors(self, func, args):
        """In the rotary embedding: None, or (inv_freq, a function from inv_freq to the arguments of func) where func
        multiplies positions and inverse frequencies."""
        raise NotImplementedError

    def inside_rotary(self, func, args):
        """Keeps the inverse frequencies, or puts recorded ones in their place. Returns the arguments to use."""
        factors = self.angle_factors(func, args)
        if factors is None:
            return args
        inv_freq, arguments = factors
        self.own_inv_freq = inv_freq.numpy().copy()
        if self.forced_inv_freq is not None:
            inv_freq = torch.from_numpy(self.forced_inv_freq)
        self.put("rope_inv_freq", inv_freq)
        return arguments(inv_freq)

    def observe(self, func, args, result):
        place, layer = self.place()
        if place == "softmax" and func is F.softmax:
            self.keep_scores(layer, args[0])

    def keep_scores(self, layer, scores):
        seen = self.values[layer_path(layer, "attn_visible")][:, None].astype(bool)
        self.values[layer_path(layer, "attn_scores")] = np.where(seen, as_array(scores), 0)

    # After the call ------------------------------------------------------------------------------------------------

    def finish(self, output, cache, call):
        """Takes the caches, which the model updates in place and so must be copied now, and what the model returns."""
        for index, mixer in enumerate(self.layout.mixers if cache is not None else ()):
            for site, tensor in self.kept(cache, index, mixer).items():
                self.put(layer_path(index, site), tensor)
        self._take_tuples(output, call)
        if self.layout.head != "none":
            logits = "logits" if self.layout.head == "causal_lm" else "pooled_logits"
            self.put(logits, output.logits)
        elif not self._same_bits(output.last_hidden_state, "final_norm_out"):
            raise CannotError("last_hidden_state: expected the bits of final_norm_out, found others")
        if call.output_router_logits:
            self.put("aux_loss", output.aux_loss, shape=(1,))
        if call.has_labels:
            self.put("loss", output.loss, shape=(1,))
        if cache is not None and output.past_key_values is not cache:
            raise CannotError("past_key_values: expected the cache of the call, found another")
        return self.values

    def _take_tuples(self, output, call):
        """What the library returns must be what was seen on the way, bit for bit: one of the two is misplaced else."""
        layers = range(len(self.layout.mixers))
        hidden = ["embed_out", *(layer_path(i, "layer_out") for i in layers[:-1]), "final_norm_out"]
        probs = [layer_path(i, "attn_probs") for i in self.layout.attention_layers]
        router = [layer_path(i, "router_logits") for i in layers]
        for name, wanted, sites in (
            ("hidden_states", call.output_hidden_states, hidden), ("attentions", call.output_attentions, probs),
            ("router_logits", call.output_router_logits, router),
        ):
            if not wanted:
                continue
            found = getattr(output, name)
            if len(found) != len(sites):
                raise CannotError(f"{name}: expected {len(sites)} tensors, found {len(found)}")
            for index, (tensor, site) in enumerate(zip(found, sites)):
                if not self._same_bits(tensor, site):
                    raise CannotError(f"{name}[{index}]: expected the bits of {site}, found others")
            if name != "router_logits":
                self.values[name] = np.stack([self.values[site] for site in sites])

    def _same_bits(self, tensor, site):
        found, seen = as_array(tensor), self.values[site]
        return found.shape == seen.shape and found.dtype == seen.dtype and found.tobytes() == seen.tobytes()

    def kept(self, cache, index, mixer):
        """What the cache holds of one layer: site -> tensor."""
        raise NotImplementedError


class FunctionProbe(TorchFunctionMode):
    """Shows the capture every function of torch that the model calls."""

    def __init__(self, capture):
        super().__init__()
        self.capture = capture

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if self.capture.rotary_scope:
            return func(*self.capture.inside_rotary(func, args), **kwargs)
        result = func(*args, **kwargs)
        self.capture.observe(func, args, result)
        return result


def as_array(tensor):
    """numpy has no bfloat16: those are widened, which changes no value."""
    with torch._C.DisableTorchFunction():
        return (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy()


def first(args, kwargs):
    return args[0] if args else kwargs["hidden_states"]
