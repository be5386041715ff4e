// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Whole blocks through their public classes with the weights of a layer of a published model, and a small model whole.
#include <fmt/format.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/micro/models.hpp"
#include "bench/micro/reference/cases.hpp"
#include "bench/micro/reference/operands.hpp"
#include "reference/blocks/attention.hpp"
#include "reference/blocks/granite_moe_block.hpp"
#include "reference/blocks/mamba2.hpp"
#include "reference/blocks/phimoe_block.hpp"
#include "reference/blocks/shared_mlp.hpp"
#include "reference/engine.hpp"

namespace assay::bench::micro::reference_cases {
namespace {

using reference::CallContext;

/// A block that is called with hidden states [1, L, D] and the context of such a call.
class BlockOperation final : public Operation {
 public:
  using Forward = std::function<Tensor<float, 3>(View<const float, 3>, CallContext<float>&)>;
  /// From the weights to what calls the block; it may borrow them.
  using Build = std::function<Forward(const Weights&)>;

  BlockOperation(const Config& config, std::size_t tokens, const Build& build)
      : model_(config),
        forward_(build(model_.weights)),
        hidden_(random_tensor<3>({1, tokens, common(config).hidden_size}, 5)),
        ids_(random_ids(tokens, common(config).vocab_size)) {
    Call call;
    call.input_ids = {ids_.data(), {1, tokens}};
    context_ = reference::make_context<float>(call, {}, {});
  }

  void call() override { out_ = forward_(hidden_.view(), context_); }

  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override { return {bytes_of(out_)}; }

 private:
  ModelWeights model_;
  Forward forward_;
  Tensor<float, 3> hidden_;
  std::vector<std::int64_t> ids_;
  CallContext<float> context_;
  Tensor<float, 3> out_;
};

void add(Registry& registry, std::string_view block, std::string_view name, const Config& config, std::size_t tokens,
         std::initializer_list<Group> groups, const BlockOperation::Build& build) {
  registry.add({.name = fmt::format("reference/{}/{}/tokens:{}", block, name, tokens),
                .cost = block_cost(config, costed_call(tokens, 0, 2), 0, groups),
                .make = [=] { return std::make_unique<BlockOperation>(config, tokens, build); }});
}

constexpr std::string_view layer = "model.layers.0.";

void add_granite(Registry& registry, std::size_t tokens) {
  constexpr std::string_view name = "granite-3.0-1b-a400m";
  const auto config = std::get<GraniteMoeConfig>(published(name, 1));
  add(registry, "moe_block", name, config, tokens, {Group::router, Group::experts}, [=](const Weights& weights) {
    const reference::GraniteMoeBlock<float> block(weights, fmt::format("{}block_sparse_moe.", layer), config);
    return [block](View<const float, 3> hidden, CallContext<float>& context) {
      return block.forward(hidden, context, Probe());
    };
  });
  add(registry, "attention_block", name, config, tokens, {Group::qkv, Group::attend, Group::o_proj},
      [=](const Weights& weights) {
        const reference::Attention<float> block(weights, fmt::format("{}self_attn.", layer),
                                                reference::granite_attention(config));
        return [block](View<const float, 3> hidden, CallContext<float>& context) {
          reference::KeyValueCache<float> cache;
          return block.forward(hidden, context, cache, Probe());
        };
      });
}

void add_phimoe(Registry& registry, std::size_t tokens) {
  constexpr std::string_view name = "Phi-mini-MoE";
  const auto config = std::get<PhimoeConfig>(published(name, 1));
  add(registry, "moe_block", name, config, tokens, {Group::router, Group::experts}, [=](const Weights& weights) {
    const reference::PhimoeBlock<float> block(weights, fmt::format("{}block_sparse_moe.", layer), config);
    return [block](View<const float, 3> hidden, CallContext<float>& context) {
      return block.forward(hidden, context, Probe());
    };
  });
}

void add_hybrid(Registry& registry, std::size_t tokens) {
  constexpr std::string_view name = "granite-4.0-h-350m";
  const auto config = std::get<GraniteMoeHybridConfig>(published(name, 1));
  add(registry, "mamba2_block", name, config, tokens,
      {Group::in_proj, Group::conv, Group::scan, Group::gated_norm, Group::out_proj}, [=](const Weights& weights) {
        const reference::Mamba2<float> block(weights, fmt::format("{}mamba.", layer), config);
        return [block](View<const float, 3> hidden, CallContext<float>& context) {
          reference::Mamba2Cache<float> cache;
          return block.forward(hidden, context, cache, Probe());
        };
      });
  add(registry, "shared_mlp_block", name, config, tokens, {Group::shared_mlp}, [=](const Weights& weights) {
    const reference::SharedMlp<float> block(weights, fmt::format("{}shared_mlp.", layer), config.hidden_act);
    return [block](View<const float, 3> hidden, CallContext<float>& /*context*/) {
      return block.forward(hidden, Probe());
    };
  });
}

class SmallModel final : public Operation {
 public:
  explicit SmallModel(std::size_t tokens)
      : config_(small_model()),
        model_(config_),
        engine_(reference::make_engine(config_, model_.weights, Precision::f32)),
        ids_(random_ids(tokens, common(config_).vocab_size)) {
    call_.input_ids = {ids_.data(), {1, tokens}};
    call_.logits_to_keep = 1;
  }

  void call() override { logits_ = std::get<std::span<const float>>(engine_->forward(call_, Probe()).values); }

  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override { return {std::as_bytes(logits_)}; }

 private:
  Config config_;
  ModelWeights model_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::int64_t> ids_;
  Call call_;
  std::span<const float> logits_;
};

}  // namespace

void add_block_cases(Registry& registry) {
  for (const std::size_t tokens : Sizes{1, 4}) {
    add_granite(registry, tokens);
    add_phimoe(registry, tokens);
    add_hybrid(registry, tokens);
    registry.add({.name = fmt::format("reference/model/small/prefill:{}", tokens),
                  .cost = total(costs(small_model(), costed_call(tokens, 0, 2))),
                  .make = [=] { return std::make_unique<SmallModel>(tokens); }});
  }
}

}  // namespace assay::bench::micro::reference_cases
