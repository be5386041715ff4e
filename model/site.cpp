// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/site.hpp"

#include <algorithm>
#include <array>

namespace assay {
namespace {

using enum SiteScope;
using enum SiteKind;

constexpr std::array table{
    SiteInfo{Site::embed_out, "embed_out", model, value, "batch,token,channel", "input of layer 0"},
    SiteInfo{Site::rope_inv_freq, "rope_inv_freq", model, constant, "frequency", "RotaryEmbedding.inv_freq"},
    SiteInfo{Site::rope_cos, "rope_cos", model, value, "batch,token,channel", "RotaryEmbedding, element 0"},
    SiteInfo{Site::rope_sin, "rope_sin", model, value, "batch,token,channel", "RotaryEmbedding, element 1"},
    SiteInfo{Site::attn_norm_out, "attn_norm_out", layer, value, "batch,token,channel", "input_layernorm"},
    SiteInfo{Site::q_proj, "q_proj", layer, value, "batch,token,channel", "self_attn.q_proj"},
    SiteInfo{Site::k_proj, "k_proj", layer, value, "batch,token,channel", "self_attn.k_proj"},
    SiteInfo{Site::v_proj, "v_proj", layer, value, "batch,token,channel", "self_attn.v_proj"},
    SiteInfo{Site::q_rope, "q_rope", layer, value, "batch,head,token,channel", "apply_rotary_pos_emb, element 0"},
    SiteInfo{Site::k_rope, "k_rope", layer, value, "batch,head,token,channel", "apply_rotary_pos_emb, element 1"},
    SiteInfo{Site::attn_visible, "attn_visible", layer, mask, "batch,token,key", "attention mask is zero"},
    SiteInfo{Site::attn_scores, "attn_scores", layer, value, "batch,head,token,key", "input of the softmax"},
    SiteInfo{Site::attn_probs, "attn_probs", layer, value, "batch,head,token,key", "eager_attention_forward, weights"},
    SiteInfo{Site::attn_out, "attn_out", layer, value, "batch,token,channel", "input of self_attn.o_proj"},
    SiteInfo{Site::cache_k, "cache_k", layer, state, "batch,head,key,channel", "past_key_values.keys"},
    SiteInfo{Site::cache_v, "cache_v", layer, state, "batch,head,key,channel", "past_key_values.values"},
    SiteInfo{Site::in_proj, "in_proj", layer, value, "batch,token,channel", "mamba.in_proj"},
    SiteInfo{Site::conv_out, "conv_out", layer, value, "batch,token,channel", "causal_conv1d_fn, causal_conv1d_update"},
    SiteInfo{Site::conv_state, "conv_state", layer, state, "batch,channel,tap", "past_key_values.conv_states"},
    SiteInfo{Site::ssm_dt, "ssm_dt", layer, value, "batch,token,head", "softplus and clamp of dt"},
    SiteInfo{Site::ssm_out, "ssm_out", layer, value, "batch,token,channel", "input 0 of mamba.norm"},
    SiteInfo{Site::ssm_state, "ssm_state", layer, state, "batch,head,channel,state",
             "past_key_values.recurrent_states"},
    SiteInfo{Site::gated_norm_out, "gated_norm_out", layer, value, "batch,token,channel", "mamba.norm"},
    SiteInfo{Site::mixer_out, "mixer_out", layer, value, "batch,token,channel", "self_attn or mamba"},
    SiteInfo{Site::resid_mid, "resid_mid", layer, value, "batch,token,channel", "input of post_attention_layernorm"},
    SiteInfo{Site::ffn_norm_out, "ffn_norm_out", layer, value, "batch,token,channel", "post_attention_layernorm"},
    SiteInfo{Site::router_logits, "router_logits", layer, value, "token,expert", "router, element 0"},
    SiteInfo{Site::router_experts, "router_experts", layer, routing, "token,slot", "router, element 2"},
    SiteInfo{Site::router_weights, "router_weights", layer, value, "token,slot", "router, element 1"},
    SiteInfo{Site::expert_gate_up, "expert_gate_up", layer, value, "token,slot,channel", "experts, gate and up"},
    SiteInfo{Site::expert_act, "expert_act", layer, value, "token,slot,channel", "experts, act(gate) * up"},
    SiteInfo{Site::expert_out, "expert_out", layer, value, "token,slot,channel", "experts, down"},
    SiteInfo{Site::moe_out, "moe_out", layer, value, "batch,token,channel", "block_sparse_moe or mlp"},
    SiteInfo{Site::shared_gate_up, "shared_gate_up", layer, value, "batch,token,channel", "shared_mlp.input_linear"},
    SiteInfo{Site::shared_act, "shared_act", layer, value, "batch,token,channel", "input of shared_mlp.output_linear"},
    SiteInfo{Site::shared_mlp_out, "shared_mlp_out", layer, value, "batch,token,channel", "shared_mlp"},
    SiteInfo{Site::layer_out, "layer_out", layer, value, "batch,token,channel", "the layer"},
    SiteInfo{Site::final_norm_out, "final_norm_out", model, value, "batch,token,channel", "model.norm"},
    SiteInfo{Site::hidden_states, "hidden_states", model, value, "layer,batch,token,channel", "output.hidden_states"},
    SiteInfo{Site::attentions, "attentions", model, value, "layer,batch,head,token,key", "output.attentions"},
    SiteInfo{Site::logits, "logits", model, value, "batch,token,vocabulary", "output.logits"},
    SiteInfo{Site::score_out, "score_out", model, value, "batch,token,label", "score"},
    SiteInfo{Site::pooled_logits, "pooled_logits", model, value, "batch,label", "output.logits of a classification"},
    SiteInfo{Site::aux_loss, "aux_loss", model, value, "value", "output.aux_loss"},
    SiteInfo{Site::loss, "loss", model, value, "value", "output.loss"},
};

static_assert([] {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].site) != i) return false;
  }
  return table.size() == static_cast<std::size_t>(Site::loss) + 1;
}());

}  // namespace

std::span<const SiteInfo> all_sites() { return table; }

const SiteInfo& info(Site site) { return table[static_cast<std::size_t>(site)]; }

std::string_view name(Site site) { return info(site).name; }

std::optional<Site> site_from_name(std::string_view text) {
  const auto found = std::ranges::find(table, text, &SiteInfo::name);
  if (found == table.end()) return std::nullopt;
  return found->site;
}

std::string to_string(std::span<const Site> sites) {
  std::string text;
  for (const Site site : sites) text += (text.empty() ? "" : ", ") + std::string(name(site));
  return text;
}

bool is_per_slot(Site site) {
  return site == Site::router_weights || site == Site::expert_gate_up || site == Site::expert_act ||
         site == Site::expert_out;
}

}  // namespace assay
