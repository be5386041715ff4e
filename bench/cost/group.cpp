// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/cost/group.hpp"

namespace assay::bench {

std::string_view name(Group group) {
  switch (group) {
    case Group::embed:
      return "embed";
    case Group::rope_table:
      return "rope table";
    case Group::norm:
      return "norm";
    case Group::qkv:
      return "qkv";
    case Group::attend:
      return "attend";
    case Group::o_proj:
      return "o_proj";
    case Group::in_proj:
      return "in_proj";
    case Group::conv:
      return "conv";
    case Group::scan:
      return "scan";
    case Group::gated_norm:
      return "gated norm";
    case Group::out_proj:
      return "out_proj";
    case Group::residual:
      return "residual";
    case Group::router:
      return "router";
    case Group::experts:
      return "experts";
    case Group::shared_mlp:
      return "shared_mlp";
    case Group::head:
      return "head";
  }
  return "?";
}

Group group_of(Site site, Mixing mixing) {
  switch (site) {
    case Site::embed_out:
      return Group::embed;
    case Site::rope_inv_freq:
    case Site::rope_cos:
    case Site::rope_sin:
      return Group::rope_table;
    case Site::attn_norm_out:
    case Site::ffn_norm_out:
    case Site::final_norm_out:
    case Site::hidden_states:
    case Site::attentions:
      return Group::norm;
    case Site::q_proj:
    case Site::k_proj:
    case Site::v_proj:
    case Site::q_rope:
    case Site::k_rope:
      return Group::qkv;
    case Site::attn_visible:
    case Site::attn_scores:
    case Site::attn_probs:
    case Site::attn_out:
    case Site::cache_k:
    case Site::cache_v:
      return Group::attend;
    case Site::in_proj:
      return Group::in_proj;
    case Site::conv_out:
    case Site::conv_state:
      return Group::conv;
    case Site::ssm_dt:
    case Site::ssm_out:
    case Site::ssm_state:
      return Group::scan;
    case Site::gated_norm_out:
      return Group::gated_norm;
    case Site::mixer_out:
      return mixing == Mixing::mamba ? Group::out_proj : Group::o_proj;
    case Site::resid_mid:
    case Site::layer_out:
      return Group::residual;
    case Site::router_logits:
    case Site::router_experts:
    case Site::router_weights:
      return Group::router;
    case Site::expert_gate_up:
    case Site::expert_act:
    case Site::expert_out:
    case Site::moe_out:
      return Group::experts;
    case Site::shared_gate_up:
    case Site::shared_act:
    case Site::shared_mlp_out:
      return Group::shared_mlp;
    case Site::logits:
    case Site::score_out:
    case Site::pooled_logits:
    case Site::aux_loss:
    case Site::loss:
      return Group::head;
  }
  return Group::head;
}

}  // namespace assay::bench
