// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/cost/cost.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "model/config/manifest.hpp"

namespace assay::bench {
namespace {

std::optional<LayerIndex> layer_of(std::string_view name) {
  constexpr std::string_view prefix = "model.layers.";
  if (!name.starts_with(prefix)) return std::nullopt;
  std::size_t layer = 0;
  std::from_chars(name.data() + prefix.size(), name.data() + name.size(), layer);
  return LayerIndex{layer};
}

/// Which group a matrix of a layer belongs to. The names are those of the manifest.
Group group_of_matrix(std::string_view name) {
  const auto has = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
  if (has(".self_attn.o_proj.")) return Group::o_proj;
  if (has(".self_attn.")) return Group::qkv;
  if (has(".mamba.in_proj.")) return Group::in_proj;
  if (has(".mamba.conv1d.")) return Group::conv;
  if (has(".mamba.out_proj.")) return Group::out_proj;
  if (has(".router.") || has(".gate.")) return Group::router;
  if (has(".block_sparse_moe.")) return Group::experts;
  return Group::shared_mlp;
}

class Counter {
 public:
  Counter(const Config& config, const CostedCall& call)
      : config_(config), base_(common(config)), call_(call), tokens_(static_cast<double>(call.batch * call.length)) {}

  std::map<Place, Cost> count() {
    for (const ExpectedTensor& tensor : manifest(config_)) {
      if (tensor.shape.size() > 1) count_matrix(tensor);
    }
    const auto width = static_cast<double>(base_.hidden_size);
    for (std::size_t i = 0; i < base_.num_hidden_layers; ++i) {
      const LayerIndex layer{i};
      add(layer, Group::norm, {2 * norm_flops * tokens_ * width, 0});
      add(layer, Group::residual, {2 * residual_flops * tokens_ * width, 0});
      mixing_of(config_, layer) == Mixing::attention ? count_attention(layer) : count_scan(layer);
    }
    add(std::nullopt, Group::norm, {norm_flops * tokens_ * width, 0});
    return std::move(costs_);
  }

 private:
  static constexpr double norm_flops = 4;
  static constexpr double residual_flops = 2;
  static constexpr double softmax_flops = 5;

  void add(std::optional<LayerIndex> layer, Group group, const Cost& cost) { costs_[{layer, group}] += cost; }

  void count_matrix(const ExpectedTensor& tensor) {
    const auto size = static_cast<double>(elements(tensor.shape));
    const auto element = static_cast<double>(call_.weight_bytes);
    const auto rows = static_cast<double>(call_.batch);  // one row of logits each
    if (tensor.name == "model.embed_tokens.weight") {
      const double read = tokens_ * static_cast<double>(base_.hidden_size);
      add(std::nullopt, Group::embed, {read, read * element});
      if (base_.tie_word_embeddings) add(std::nullopt, Group::head, {2 * rows * size, size * element});
      return;
    }
    const std::optional<LayerIndex> layer = layer_of(tensor.name);
    if (!layer) return add(std::nullopt, Group::head, {2 * rows * size, size * element});
    const Group group = group_of_matrix(tensor.name);
    if (group != Group::experts) return add(layer, group, {2 * tokens_ * size, size * element});
    const auto experts = static_cast<double>(base_.num_local_experts);
    const double passed = static_cast<double>(experts_per_token(config_)) / experts;
    add(layer, group, {2 * tokens_ * size * passed, size * element * used_experts(*layer) / experts});
  }

  [[nodiscard]] double used_experts(LayerIndex layer) const {
    if (!call_.experts_used.empty()) return call_.experts_used[layer.value];
    return std::min(static_cast<double>(base_.num_local_experts),
                    tokens_ * static_cast<double>(experts_per_token(config_)));
  }

  void count_attention(LayerIndex layer) {
    const std::size_t head_dim = base_.head_dim.value_or(base_.hidden_size / base_.num_attention_heads);
    const auto* phimoe = std::get_if<PhimoeConfig>(&config_);
    const std::size_t window = phimoe != nullptr ? phimoe->sliding_window.value_or(0) : 0;
    double pairs = 0;
    for (std::size_t query = 0; query < call_.length; ++query) {
      const std::size_t seen = call_.past + query + 1;
      pairs += static_cast<double>(window == 0 ? seen : std::min(seen, window));
    }
    pairs *= static_cast<double>(call_.batch * base_.num_attention_heads);
    const std::size_t keys = call_.past + call_.length;
    const std::size_t kept = window == 0 ? keys : std::min(keys, window + call_.length - 1);
    add(layer, Group::attend,
        {(4 * static_cast<double>(head_dim) + softmax_flops) * pairs,
         2 * static_cast<double>(call_.batch * kept * base_.num_key_value_heads * head_dim * call_.value_bytes)});
  }

  void count_scan(LayerIndex layer) {
    const auto& hybrid = std::get<GraniteMoeHybridConfig>(config_);
    const auto inner = static_cast<double>(hybrid.mamba_n_heads * hybrid.mamba_d_head);
    const double state = inner * static_cast<double>(hybrid.mamba_d_state);
    const double moved = 2 * static_cast<double>(call_.batch * call_.value_bytes) * state;
    add(layer, Group::scan, {5 * state * tokens_, moved});
    constexpr double gate_flops = 5;  // silu and product
    add(layer, Group::gated_norm, {(norm_flops + gate_flops) * inner * tokens_, 0});
  }

  const Config& config_;
  const TransformerConfig& base_;
  const CostedCall& call_;
  double tokens_;
  std::map<Place, Cost> costs_;
};

}  // namespace

std::size_t experts_per_token(const Config& config) {
  return std::holds_alternative<PhimoeConfig>(config) ? 2 : common(config).num_experts_per_tok;
}

Mixing mixing_of(const Config& config, LayerIndex layer) {
  const auto* hybrid = std::get_if<GraniteMoeHybridConfig>(&config);
  if (hybrid == nullptr) return Mixing::attention;
  return hybrid->layer_types[layer.value] == MixerKind::mamba ? Mixing::mamba : Mixing::attention;
}

std::map<Place, Cost> costs(const Config& config, const CostedCall& call) { return Counter(config, call).count(); }

Cost total(const std::map<Place, Cost>& costs) {
  Cost sum;
  for (const auto& [place, cost] : costs) sum += cost;
  return sum;
}

}  // namespace assay::bench
