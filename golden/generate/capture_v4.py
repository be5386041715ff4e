# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The capture of transformers 4.56.2: the sites whose place in the model is another in other versions."""
import numpy as np
import torch
import torch.nn.functional as F

from golden.generate.capture import Capture, as_array
from golden.generate.errors import CannotError
from golden.generate.sites import layer_path


class CaptureV4(Capture):
    def __init__(self, model, *args, **kwargs):
        super().__init__(model, *args, **kwargs)
        self.phimoe = self.layout.model_type == "phimoe"
        self.mask = None  # that of the running attention of PhiMoE

    def _observe_layer(self, index, layer):
        super()._observe_layer(index, layer)
        if self.phimoe:  # its attention is one method, without a function to rebind
            self._before(layer.self_attn, lambda args, kwargs: setattr(self, "mask", kwargs["attention_mask"]))

    def _observe_layer_out(self, index, layer):
        self._output(index, layer, "layer_out", item=0)

    def _observe_mamba(self, index, mamba):
        # [B, L, C], or [B, C] for a token that continues
        self._after(mamba.act, lambda a, out: self.put(layer_path(index, "conv_out"), out, self._rows(out)))
        self._input(index, mamba.norm, "ssm_out")

    def _rows(self, tensor):
        return (self.batch, self.tokens, tensor.shape[-1])

    def _observe_routing(self, index, layer):
        block = layer.block_sparse_moe
        self._within(block, "moe", index)
        if self.phimoe:
            self._observe_expert_modules(index, block)
        else:
            self._observe_sorted_experts(index, block)
        self._output(index, block, "moe_out", item=0)

    def _observe_sorted_experts(self, index, block):
        """Granite: one row for every slot of every token, sorted by expert; the router says which row is whose."""
        order = None

        def routed(args, out):
            nonlocal order
            order = out[0].numpy()
            self.put(layer_path(index, "router_logits"), out[4])

        def put_rows(site, rows):
            rows = as_array(rows)
            whole = np.empty_like(rows)
            whole[order] = rows
            tokens = self.batch * self.tokens
            self.values[layer_path(index, site)] = whole.reshape(tokens, len(order) // tokens, -1)

        self._within(block.router, "router", index)
        self._after(block.router, routed)
        self._after(block.input_linear, lambda args, out: put_rows("expert_gate_up", out))
        self._before(block.output_linear, lambda args, kwargs: put_rows("expert_act", args[0]))
        self._after(block.output_linear, lambda args, out: put_rows("expert_out", out))

    def _observe_expert_modules(self, index, block):
        """PhiMoE: a module an expert, run in ascending order, three linears for each that was chosen."""
        self._output(index, block.gate, "router_logits")
        self._before(block, lambda args, kwargs: setattr(self, "expert_linears", []))
        for expert in block.experts:
            self._within(expert, "expert", index)
        self._after(block, lambda args, out: self._assemble_experts(index))

    def _assemble_experts(self, index):
        chosen = self.values[layer_path(index, "router_experts")]
        count = len(np.unique(chosen))
        if len(self.expert_linears) != 3 * count:
            found = len(self.expert_linears)
            raise CannotError(f"layer {index}: expected {3 * count} expert linears, found {found}")
        gates, ups, downs = (self.expert_linears[start::3] for start in range(3))
        self.put_slots(index, chosen, {
            "expert_gate_up": [np.concatenate([gate, up], axis=-1) for (_, gate), (_, up) in zip(gates, ups)],
            "expert_act": [source for source, _ in downs],
            "expert_out": [result for _, result in downs],
        })

    # Functions ------------------------------------------------------------------------------------------------------

    def _wrappers(self):
        return super()._wrappers() | {"sparsemixer": self._wrap_sparsemixer}

    def _wrap_sparsemixer(self, original):
        def route(*args, **kwargs):
            weights, experts = original(*args, **kwargs)
            _, layer = self.place()
            self.put(layer_path(layer, "router_weights"), weights)
            self.put(layer_path(layer, "router_experts"), experts)
            return weights, experts

        return route

    def _keep_angles(self, args, out):
        if not self.phimoe:  # whose rows are all positions up to the last, not those of the call
            super()._keep_angles(args, out)

    def _wrap_rotation(self, original):
        rotate = super()._wrap_rotation(original)
        if not self.phimoe:
            return rotate

        def rotate_positions(query, key, cosine, sine, position_ids):
            if "rope_cos" not in self.values:
                with torch._C.DisableTorchFunction():
                    super(CaptureV4, self)._keep_angles((), (cosine[position_ids], sine[position_ids]))
            return rotate(query, key, cosine, sine, position_ids)

        return rotate_positions

    def angle_factors(self, func, args):
        """Granite: inv_freq [R, d/2, 1] @ position [R, 1, L], one product each; PhiMoE: outer(position, inv_freq)."""
        name = getattr(func, "__name__", "")
        if self.phimoe and name == "outer":
            return args[1], lambda inv_freq: (args[0], inv_freq)
        if not self.phimoe and name in ("matmul", "__matmul__"):
            return args[0][0, :, 0], lambda inv_freq: (inv_freq[None, :, None].expand_as(args[0]), args[1])
        return None

    def observe(self, func, args, result):
        super().observe(func, args, result)
        place, layer = self.place()
        if place == "mamba" and func in (F.softplus, torch.clamp):  # the clamp comes second
            self._keep_time_step(layer, result, again=func is torch.clamp)
        elif place == "attention" and func is F.softmax:
            self.keep_visible(layer, self.mask, args[0].shape[-1])
            self.keep_scores(layer, args[0])
            self.put(layer_path(layer, "attn_probs"), result)
        elif place == "router" and func is torch.Tensor.topk:
            self.put(layer_path(layer, "router_experts"), result[1])
        elif place == "router" and func is torch.softmax:
            self.put(layer_path(layer, "router_weights"), result)
        elif place == "expert" and func is F.linear:
            self.expert_linears.append((as_array(args[0]).copy(), as_array(result).copy()))

    def _keep_time_step(self, layer, result, again):
        """[B, L, Hm], or [B, Hm, P], the same for every P, for a token that continues."""
        heads = self.layout.extents["Hm"]
        if result.shape[1:] != (self.tokens, heads):
            result = result[..., 0]
        self.put(layer_path(layer, "ssm_dt"), result, (self.batch, self.tokens, heads), again)

    # After the call -------------------------------------------------------------------------------------------------

    def kept(self, cache, index, mixer):
        if mixer == "mamba":
            return {"conv_state": cache.conv_states[index], "ssm_state": cache.ssm_states[index]}
        if self.layout.model_type == "granitemoehybrid":
            return {"cache_k": cache.key_cache[index], "cache_v": cache.value_cache[index]}
        return {"cache_k": cache.layers[index].keys, "cache_v": cache.layers[index].values}
