# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The capture of transformers 5.23.0 in settings that compute experts and attention elsewhere than in the module: what
golden/generate/capture_v5.py sees, with the experts' products found where batched and grouped products are made."""
import torch
import torch.nn.functional as F

from golden.generate.capture import array_of
from golden.generate.capture_v5 import CaptureV5
from golden.generate.errors import CannotError
from golden.generate.sites import layer_path

# transformers/integrations/moe.py: two of them an expert layer, one row a pair of token and slot.
PRODUCTS = (torch.bmm, F.grouped_mm)
INSIDE_FUSED_ATTENTION = frozenset(("attn_visible", "attn_scores", "attn_probs", "attentions"))


class SettingCapture(CaptureV5):
    def _assemble_experts(self, index, chosen):  # chosen [T, k]
        if self.model.config._experts_implementation == "eager":
            super()._assemble_experts(index, chosen)
            return
        if len(self.expert_products) != 2:
            raise CannotError(f"layer {index}: expected 2 products of experts, found {len(self.expert_products)}")
        (_, gate_up), (act, out) = self.expert_products
        for site, rows in (("expert_gate_up", gate_up), ("expert_act", act), ("expert_out", out)):
            rows = rows.reshape(chosen.numel(), -1)  # the trailing 1 of a product with a column
            if self.expert_order is not None:  # rows stand sorted by expert
                sorted_rows, rows = rows, torch.empty_like(rows)
                rows[self.expert_order] = sorted_rows
            self.put(layer_path(index, site), rows, shape=(*chosen.shape, -1))
        self.expert_products, self.expert_order = [], None

    def __enter__(self):
        self.expert_products, self.expert_order = [], None
        return super().__enter__()

    def observe(self, func, args, result):
        super().observe(func, args, result)
        if self.place()[0] != "experts":
            return
        if func is torch.sort:
            self.expert_order = result[1]
        elif func in PRODUCTS:
            # [S, K] of grouped_mm; batched_mm multiplies weights by columns, [S, N, K] by [S, K, 1].
            self.expert_products.append((args[1] if func is torch.bmm else args[0], result))
