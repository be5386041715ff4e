// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The vocabulary of observation points: one name, one place, one shape, for the engines, the goldens, the dumps and
// the reports. golden/FORMAT.md describes each in words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace assay {

/// In the order of execution.
enum class Site {
  embed_out,
  rope_inv_freq,
  rope_cos,
  rope_sin,
  attn_norm_out,
  q_proj,
  k_proj,
  v_proj,
  q_rope,
  k_rope,
  attn_visible,
  attn_scores,
  attn_probs,
  attn_out,
  cache_k,
  cache_v,
  in_proj,
  conv_out,
  conv_state,
  ssm_dt,
  ssm_out,
  ssm_state,
  gated_norm_out,
  mixer_out,
  resid_mid,
  ffn_norm_out,
  router_logits,
  router_experts,
  router_weights,
  expert_gate_up,
  expert_act,
  expert_out,
  moe_out,
  shared_gate_up,
  shared_act,
  shared_mlp_out,
  layer_out,
  final_norm_out,
  hidden_states,
  attentions,
  logits,
  score_out,
  pooled_logits,
  aux_loss,
  loss,
};

enum class SiteScope { model, layer };

enum class SiteKind {
  value,     ///< floating point, judged by its error
  state,     ///< floating point, kept for the next call
  constant,  ///< float32 by definition of the truth; an engine may differ by one unit in the last place
  mask,      ///< 0 or 1, equal or wrong
  routing,   ///< expert numbers, equal as sets unless a tie is proven
};

struct SiteInfo {
  Site site;
  std::string_view name;
  SiteScope scope;
  SiteKind kind;
  std::string_view axes;    ///< what each index counts: "batch,token,channel"
  std::string_view source;  ///< the module or function of transformers 5.23.0 that gives the same tensor
};

/// All sites in the order of the enumeration.
[[nodiscard]] std::span<const SiteInfo> all_sites();

[[nodiscard]] const SiteInfo& info(Site site);
[[nodiscard]] std::string_view name(Site site);
[[nodiscard]] std::optional<Site> site_from_name(std::string_view text);

/// "attn_scores, attn_probs"
[[nodiscard]] std::string to_string(std::span<const Site> sites);

/// Whether the site's second axis is the slot of a chosen expert: [T, k, ...].
[[nodiscard]] bool is_per_slot(Site site);

}  // namespace assay
