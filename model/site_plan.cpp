// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/site_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace assay {
namespace {

/// What the plan must know of an architecture, each derived here from the config alone.
struct Traits {
  bool rope = true;
  std::size_t experts_per_token = 0;  ///< 0: no experts
  std::size_t shared_width = 0;       ///< 0: no shared MLP
  std::optional<std::size_t> window;
  const GraniteMoeHybridConfig* hybrid = nullptr;
};

Traits traits_of(const GraniteMoeConfig& config) {
  Traits traits;
  if (config.num_local_experts > 0) traits.experts_per_token = config.num_experts_per_tok;
  return traits;
}

Traits traits_of(const GraniteMoeSharedConfig& config) {
  Traits traits = traits_of(static_cast<const GraniteMoeConfig&>(config));
  traits.shared_width = config.shared_intermediate_size;
  return traits;
}

Traits traits_of(const GraniteMoeHybridConfig& config) {
  Traits traits = traits_of(static_cast<const GraniteMoeSharedConfig&>(config));
  traits.rope = config.position_embedding_type == "rope";
  traits.hybrid = &config;
  return traits;
}

Traits traits_of(const PhimoeConfig& config) {
  Traits traits;
  traits.experts_per_token = 2;
  traits.window = config.sliding_window;
  return traits;
}

class Planner {
 public:
  Planner(const Config& config, const CallGeometry& call)
      : config_(common(config)),
        traits_(std::visit([](const auto& alternative) { return traits_of(alternative); }, config)),
        call_(call) {}

  std::vector<PlannedSite> plan() {
    const std::size_t head_dim = head_size();
    add(Site::embed_out, tokens_by(config_.hidden_size));
    if (traits_.rope) {
      add(Site::rope_inv_freq, {head_dim / 2});
      add(Site::rope_cos, {call_.position_rows, call_.tokens, head_dim});
      add(Site::rope_sin, {call_.position_rows, call_.tokens, head_dim});
    }
    for (std::size_t layer = 0; layer < config_.num_hidden_layers; ++layer) plan_layer(layer);
    layer_.reset();
    add(Site::final_norm_out, tokens_by(config_.hidden_size));
    plan_outputs();
    return std::move(sites_);
  }

 private:
  void plan_outputs() {
    const std::size_t layers = config_.num_hidden_layers;
    if (call_.output_hidden_states) {
      add(Site::hidden_states, {layers + 1, call_.batch, call_.tokens, config_.hidden_size});
    }
    if (call_.output_attentions) {
      // A Mamba layer contributes nothing to the tuple; without attention layers it is empty.
      const std::size_t attention_layers =
          traits_.hybrid == nullptr
              ? layers
              : static_cast<std::size_t>(std::ranges::count(traits_.hybrid->layer_types, MixerKind::attention));
      if (attention_layers > 0) {
        add(Site::attentions, {attention_layers, call_.batch, config_.num_attention_heads, call_.tokens,
                               kept(call_.past) + call_.tokens});
      }
    }
    switch (config_.head) {
      case Head::causal_lm:
        add(Site::logits, {call_.batch, call_.kept_logits == 0 ? call_.tokens : call_.kept_logits, config_.vocab_size});
        break;
      case Head::none:
        break;
      case Head::sequence_classification:
        add(Site::score_out, tokens_by(config_.num_labels));
        add(Site::pooled_logits, {call_.batch, config_.num_labels});
        break;
    }
    if (call_.aux_loss) add(Site::aux_loss, {1});
    if (call_.loss) add(Site::loss, {1});
  }

  void plan_layer(std::size_t layer) {
    layer_ = LayerIndex{layer};
    const bool mamba = traits_.hybrid != nullptr && traits_.hybrid->layer_types[layer] == MixerKind::mamba;
    add(Site::attn_norm_out, tokens_by(config_.hidden_size));
    if (mamba) {
      plan_mamba(*traits_.hybrid);
    } else {
      plan_attention();
    }
    add(Site::mixer_out, tokens_by(config_.hidden_size));
    add(Site::resid_mid, tokens_by(config_.hidden_size));
    add(Site::ffn_norm_out, tokens_by(config_.hidden_size));
    if (traits_.experts_per_token > 0) plan_experts();
    if (traits_.shared_width > 0) {
      add(Site::shared_gate_up, tokens_by(2 * traits_.shared_width));
      add(Site::shared_act, tokens_by(traits_.shared_width));
      add(Site::shared_mlp_out, tokens_by(config_.hidden_size));
    }
    add(Site::layer_out, tokens_by(config_.hidden_size));
  }

  void plan_attention() {
    const std::size_t d = head_size();
    const std::size_t heads = config_.num_attention_heads;
    const std::size_t kv_heads = config_.num_key_value_heads;
    const std::size_t kept_before = kept(call_.past);
    const std::size_t keys = kept_before + call_.tokens;
    add(Site::q_proj, tokens_by(heads * d));
    add(Site::k_proj, tokens_by(kv_heads * d));
    add(Site::v_proj, tokens_by(kv_heads * d));
    if (traits_.rope) {
      add(Site::q_rope, {call_.batch, heads, call_.tokens, d});
      add(Site::k_rope, {call_.batch, kv_heads, call_.tokens, d});
    }
    add(Site::attn_visible, {call_.batch, call_.tokens, keys});
    add(Site::attn_scores, {call_.batch, heads, call_.tokens, keys});
    add(Site::attn_probs, {call_.batch, heads, call_.tokens, keys});
    add(Site::attn_out, tokens_by(heads * d));
    if (call_.use_cache) {
      const Shape cache{call_.batch, kv_heads, kept(call_.past + call_.tokens), d};
      add(Site::cache_k, cache);
      add(Site::cache_v, cache);
    }
  }

  void plan_mamba(const GraniteMoeHybridConfig& config) {
    const std::size_t inner = config.mamba_expand * config.hidden_size;
    const std::size_t channels = inner + 2 * config.mamba_n_groups * config.mamba_d_state;
    add(Site::in_proj, tokens_by(inner + channels + config.mamba_n_heads));
    add(Site::conv_out, tokens_by(channels));
    if (call_.use_cache) add(Site::conv_state, {call_.batch, channels, config.mamba_d_conv});
    add(Site::ssm_dt, tokens_by(config.mamba_n_heads));
    add(Site::ssm_out, tokens_by(inner));
    if (call_.use_cache) {
      add(Site::ssm_state, {call_.batch, config.mamba_n_heads, config.mamba_d_head, config.mamba_d_state});
    }
    add(Site::gated_norm_out, tokens_by(inner));
  }

  void plan_experts() {
    const std::size_t rows = call_.batch * call_.tokens;
    const std::size_t k = traits_.experts_per_token;
    add(Site::router_logits, {rows, config_.num_local_experts});
    add(Site::router_experts, {rows, k});
    add(Site::router_weights, {rows, k});
    add(Site::expert_gate_up, {rows, k, 2 * config_.intermediate_size});
    add(Site::expert_act, {rows, k, config_.intermediate_size});
    add(Site::expert_out, {rows, k, config_.hidden_size});
    add(Site::moe_out, tokens_by(config_.hidden_size));
  }

  [[nodiscard]] std::size_t head_size() const {
    return config_.head_dim.value_or(config_.hidden_size / config_.num_attention_heads);
  }

  /// A sliding window W keeps the last W - 1 keys between calls.
  [[nodiscard]] std::size_t kept(std::size_t seen) const {
    return traits_.window ? std::min(seen, *traits_.window - 1) : seen;
  }

  [[nodiscard]] Shape tokens_by(std::size_t width) const { return {call_.batch, call_.tokens, width}; }

  void add(Site site, Shape shape) {
    const bool of_layer = info(site).scope == SiteScope::layer;
    sites_.push_back({{site, of_layer ? layer_ : std::nullopt}, std::move(shape)});
  }

  const TransformerConfig& config_;
  Traits traits_;
  CallGeometry call_;
  std::optional<LayerIndex> layer_;
  std::vector<PlannedSite> sites_;
};

}  // namespace

CallGeometry geometry_of(const Call& call, const Past& past) {
  return {.batch = call.batch(),
          .tokens = call.length(),
          .past = past.tokens,
          .position_rows = call.position_ids ? call.position_ids->extent(0) : 1,
          .use_cache = call.use_cache,
          .kept_logits = call.kept_logits(),
          .output_hidden_states = call.output_hidden_states,
          .output_attentions = call.output_attentions,
          .aux_loss = call.output_router_logits,
          .loss = call.has_labels()};
}

std::vector<PlannedSite> plan_sites(const Config& config, const CallGeometry& call) {
  return Planner(config, call).plan();
}

std::string to_string(const ProbePoint& point) {
  if (!point.layer) return std::string(name(point.site));
  return fmt::format("layer {} {}", point.layer->value, name(point.site));
}

}  // namespace assay
