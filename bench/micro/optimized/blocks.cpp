// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Whole blocks through their public classes, with the weights of a layer of a published model: attention with its
// projections, Mamba2, the shared MLP, router and experts together, the output head.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bench/micro/models.hpp"
#include "bench/micro/optimized/call_memory.hpp"
#include "bench/micro/optimized/cases.hpp"
#include "bench/micro/optimized/operands.hpp"
#include "optimized/blocks/attention.hpp"
#include "optimized/blocks/granite_moe_block.hpp"
#include "optimized/blocks/mamba2.hpp"
#include "optimized/blocks/output_head.hpp"
#include "optimized/blocks/phimoe_block.hpp"
#include "optimized/blocks/shared_mlp.hpp"

namespace assay::bench::micro::optimized_cases {
namespace {

using optimized::CallContext;
using optimized::CallExtents;
using optimized::Show;
using optimized::Slices;
using optimized::WeightStorage;
using optimized::blis::WeightPacker;

struct Setting {
  Config config;
  CallExtents extents;
  std::size_t threads;
};

/// A block with the memory that it is called with. `Block` is built from weights and packer.
template <class Block>
class BlockOperation final : public OptimizedOperation {
 public:
  using Build = std::function<Block(const Weights&, WeightPacker&)>;

  BlockOperation(const Setting& setting, const Build& build)
      : OptimizedOperation(setting.threads),
        extents_(setting.extents),
        packer_(WeightStorage::f32, packed_bytes(setting.config)),
        hidden_(random_rows(extents_.tokens(), common(setting.config).hidden_size)),
        out_(zero_rows(extents_.tokens(), common(setting.config).hidden_size)) {
    const ModelWeights model(setting.config);
    block_.emplace(build(model.weights, packer_));
    packer_.pack(threads());
    memory_.emplace(extents_, packer_.widest_input(), threads());
    memory_->reserve([&](const CallExtents& extents, Slices& slices) {
      if constexpr (requires { block_->plan(extents, threads(), slices); }) {
        block_->plan(extents, threads(), slices);
      } else {
        block_->plan(extents, slices);
      }
    });
    if constexpr (std::is_same_v<Block, optimized::Attention>) {
      rotate(setting.config);
      keys_ = random_past(setting.config, extents_.past);
      layer_ = attention_layer(setting.config);
    }
    fill_cache();
    computes(out_);
  }

  void call() override {
    memory_->with_context(
        [&](CallContext& context, const Show& show) { block_->forward(hidden_, context, show, out_); });
  }

  void restart() override { fill_cache(); }

  [[nodiscard]] static std::size_t attention_layer(const Config& config) {
    const std::size_t layers = common(config).num_hidden_layers;
    for (std::size_t layer = 0; layer < layers; ++layer) {
      if (mixing_of(config, LayerIndex{layer}) == Mixing::attention) return layer;
    }
    return layers;
  }

 private:
  static double packed_bytes(const Config& config) {
    double count = 0;
    for (const ExpectedTensor& tensor : manifest(config)) {
      if (tensor.shape.size() > 1) count += static_cast<double>(elements(tensor.shape));
    }
    return count * sizeof(float);
  }

  void rotate(const Config& config) {
    const auto* hybrid = std::get_if<GraniteMoeHybridConfig>(&config);
    if (hybrid != nullptr && hybrid->position_embedding_type != "rope") return;
    const TransformerConfig& base = common(config);
    memory_->rotate(base.head_dim.value_or(base.hidden_size / base.num_attention_heads), base.rope.rope_theta);
  }

  /// An attention block that does not keep the call's tokens (no use_cache) forgets the others, too, but leaves them
  /// where they are: every call reads as many keys as the first.
  void fill_cache() {
    if constexpr (requires { block_->clear_cache(); }) block_->clear_cache();
    if constexpr (std::is_same_v<Block, optimized::Attention>) {
      block_->reserve(extents_.batch, extents_.length, extents_.past + extents_.length);
      if (extents_.past > 0) block_->load_cache(keys_.layers[layer_], extents_.length);
    }
  }

  CallExtents extents_;
  WeightPacker packer_;
  Rows<float> hidden_;
  Rows<float> out_;
  PastKeyValues keys_;
  std::size_t layer_ = 0;
  std::optional<Block> block_;
  std::optional<CallMemory> memory_;
};

class Head final : public OptimizedOperation {
 public:
  Head(const Config& config, std::size_t logits, std::size_t threads_count)
      : OptimizedOperation(threads_count),
        extents_{.batch = 1, .length = logits, .logits = logits},
        packer_(WeightStorage::f32),
        ids_(logits),
        normed_(random_rows(logits, common(config).hidden_size)) {
    const ModelWeights model(config);
    head_.emplace(common(config), model.weights, optimized::LmHeadOptions{.divisor = 6.0F}, packer_);
    packer_.pack(threads());
    memory_.emplace(extents_, packer_.widest_input(), threads());
    memory_->reserve([&](const CallExtents& extents, Slices& slices) { head_->plan(extents, slices); });
    call_.input_ids = {ids_.data(), {1, logits}};
  }

  void call() override {
    memory_->with_context([&](CallContext& context, const Show& show) {
      const SiteValue value = head_->forward(call_, normed_, context, show);
      logits_ = std::get<std::span<const float>>(value.values);
    });
  }

  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override { return {std::as_bytes(logits_)}; }

 private:
  CallExtents extents_;
  WeightPacker packer_;
  std::vector<std::int64_t> ids_;
  Rows<float> normed_;
  Call call_;
  std::optional<optimized::OutputHead> head_;
  std::optional<CallMemory> memory_;
  std::span<const float> logits_;
};

Cost cost_of(const Setting& setting, std::size_t layer, std::initializer_list<Group> groups) {
  const CostedCall call = costed_call(setting.extents.length, setting.extents.past, sizeof(float));
  return block_cost(setting.config, call, layer, groups);
}

template <class Block>
void add(Registry& registry, std::string name, const Setting& setting, const Cost& cost,
         typename BlockOperation<Block>::Build build) {
  std::size_t held = 0;
  for (const ExpectedTensor& tensor : manifest(setting.config)) held += elements(tensor.shape) * sizeof(float);
  registry.add(
      {.name = std::move(name),
       .cost = cost,
       .threads = setting.threads,
       .cold_bytes = setting.extents.length == 1 ? static_cast<std::size_t>(cost.bytes) : 0,
       .held_bytes = held,
       .make = [=, build = std::move(build)] { return std::make_unique<BlockOperation<Block>>(setting, build); }});
}

constexpr std::string_view first_layer = "model.layers.0.";

void add_moe(Registry& registry, std::string_view name, const Config& config, std::size_t tokens, std::size_t threads) {
  const Setting setting{config, {.batch = 1, .length = tokens}, threads};
  const Cost cost = cost_of(setting, 0, {Group::router, Group::experts});
  std::string full = fmt::format("optimized/moe_block/{}/tokens:{}/threads:{}", name, tokens, threads);
  const std::string prefix = fmt::format("{}block_sparse_moe.", first_layer);
  if (std::holds_alternative<PhimoeConfig>(config)) {
    add<optimized::PhimoeBlock>(
        registry, std::move(full), setting, cost, [=](const Weights& weights, WeightPacker& packer) {
          return optimized::PhimoeBlock(weights, prefix, std::get<PhimoeConfig>(config), packer);
        });
    return;
  }
  add<optimized::GraniteMoeBlock>(
      registry, std::move(full), setting, cost, [=](const Weights& weights, WeightPacker& packer) {
        const auto* hybrid = std::get_if<GraniteMoeHybridConfig>(&config);
        const GraniteMoeConfig& base = hybrid != nullptr ? *hybrid : std::get<GraniteMoeConfig>(config);
        return optimized::GraniteMoeBlock(weights, prefix, base, packer);
      });
}

optimized::AttentionOptions attention_options(const Config& config) {
  const auto* phimoe = std::get_if<PhimoeConfig>(&config);
  if (phimoe == nullptr) {
    const auto* hybrid = std::get_if<GraniteMoeHybridConfig>(&config);
    return optimized::granite_attention(hybrid != nullptr ? *hybrid : std::get<GraniteMoeConfig>(config));
  }
  const std::size_t head_dim = phimoe->head_dim.value_or(phimoe->hidden_size / phimoe->num_attention_heads);
  return {.shape = {phimoe->num_attention_heads, phimoe->num_key_value_heads, head_dim,
                    1.0F / std::sqrt(static_cast<float>(head_dim))},
          .bias = phimoe->attention_bias,
          .sliding_window = phimoe->sliding_window};
}

void add_attention(Registry& registry, std::string name, const Config& config, const CallExtents& extents,
                   std::size_t threads) {
  const Setting setting{config, extents, threads};
  const std::size_t layer = BlockOperation<optimized::Attention>::attention_layer(config);
  add<optimized::Attention>(registry, std::move(name), setting,
                            cost_of(setting, layer, {Group::qkv, Group::attend, Group::o_proj}),
                            [=](const Weights& weights, WeightPacker& packer) {
                              return optimized::Attention(weights, fmt::format("model.layers.{}.self_attn.", layer),
                                                          attention_options(config), packer);
                            });
}

void add_hybrid(Registry& registry, std::string_view name, std::size_t tokens, std::size_t threads) {
  const auto config = std::get<GraniteMoeHybridConfig>(published_without_experts(name, 1));
  // A single token goes on with the state before, a prompt begins with none.
  const bool is_step = tokens == 1;
  const Setting setting{
      config, {.batch = 1, .length = tokens, .past = is_step ? std::size_t{1} : 0, .use_cache = is_step}, threads};
  add<optimized::Mamba2>(
      registry, fmt::format("optimized/mamba2_block/{}/tokens:{}/threads:{}", name, tokens, threads), setting,
      cost_of(setting, 0, {Group::in_proj, Group::conv, Group::scan, Group::gated_norm, Group::out_proj}),
      [=](const Weights& weights, WeightPacker& packer) {
        return optimized::Mamba2(weights, fmt::format("{}mamba.", first_layer), config, packer);
      });
  add<optimized::SharedMlp>(
      registry, fmt::format("optimized/shared_mlp_block/{}/tokens:{}/threads:{}", name, tokens, threads), setting,
      cost_of(setting, 0, {Group::shared_mlp}), [=](const Weights& weights, WeightPacker& packer) {
        return optimized::SharedMlp(weights, fmt::format("{}shared_mlp.", first_layer), config.shared_intermediate_size,
                                    config.hidden_act, packer);
      });
}

void add_head(Registry& registry, std::size_t logits, std::size_t threads) {
  const GraniteMoeHybridConfig config = small_model();
  const auto weights = static_cast<double>(config.vocab_size * config.hidden_size);
  registry.add({.name = fmt::format("optimized/output_head/small/logits:{}/threads:{}", logits, threads),
                .cost = {2.0 * static_cast<double>(logits) * weights, 4.0 * weights},
                .threads = threads,
                .make = [=] { return std::make_unique<Head>(config, logits, threads); }});
}

}  // namespace

void add_block_cases(Registry& registry) {
  for (const std::size_t threads : thread_counts) {
    for (const std::string_view name : {"granite-3.0-1b-a400m", "granite-4.0-h-tiny", "Phi-mini-MoE"}) {
      for (const std::size_t tokens : Sizes{1, 64, 512}) add_moe(registry, name, published(name, 1), tokens, threads);
    }
    for (const std::size_t tokens : Sizes{1, 16}) add_moe(registry, "small", small_model(), tokens, threads);
    for (const std::string_view name : {"granite-3.0-1b-a400m", "granite-4.0-h-tiny", "Phi-mini-MoE"}) {
      const Config config = published_without_experts(name, 2);
      add_attention(registry, fmt::format("optimized/attention_block/{}/tokens:512/threads:{}", name, threads), config,
                    {.batch = 1, .length = 512}, threads);
      for (const std::size_t depth : Sizes{128, 1024}) {
        add_attention(registry,
                      fmt::format("optimized/attention_block/{}/tokens:1/depth:{}/threads:{}", name, depth, threads),
                      config, {.batch = 1, .length = 1, .past = depth}, threads);
      }
    }
    for (const std::string_view name : {"granite-4.0-h-350m", "granite-4.0-h-tiny"}) {
      for (const std::size_t tokens : Sizes{1, 64, 512}) add_hybrid(registry, name, tokens, threads);
    }
    for (const std::size_t logits : Sizes{1, 4}) add_head(registry, logits, threads);
  }
}

}  // namespace assay::bench::micro::optimized_cases
