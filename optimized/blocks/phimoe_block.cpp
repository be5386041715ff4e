// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/phimoe_block.hpp"

#include <fmt/format.h>

#include "optimized/blocks/activation.hpp"
#include "optimized/ops/sparsemixer.hpp"

namespace assay::optimized {
namespace {

/// Always two experts, whatever num_experts_per_tok says.
constexpr std::size_t experts_per_token = 2;

std::vector<Experts::Expert> pack_experts(const Weights& weights, const std::string& prefix, const PhimoeConfig& config,
                                          blis::WeightPacker& packer) {
  std::vector<Experts::Expert> experts;
  experts.reserve(config.num_local_experts);
  for (std::size_t e = 0; e < config.num_local_experts; ++e) {
    const auto matrix = [&](const char* name) {
      const std::string full = fmt::format("{}experts.{}.{}.weight", prefix, e, name);
      return blis::all_rows(weights.at(full), full);
    };
    experts.push_back({packer.add_gated(matrix("w1"), matrix("w3")), packer.add({matrix("w2")})});
  }
  return experts;
}

}  // namespace

PhimoeBlock::PhimoeBlock(const Weights& weights, const std::string& prefix, const PhimoeConfig& config,
                         blis::WeightPacker& packer)
    : hidden_size_(config.hidden_size),
      experts_count_(config.num_local_experts),
      jitter_(config.router_jitter_noise),
      gate_(packer.add({blis::all_rows(weights.at(prefix + "gate.weight"), prefix + "gate.weight")})),
      experts_(pack_experts(weights, prefix, config, packer), config.intermediate_size, experts_per_token,
               activation_of(config.hidden_act, weights, prefix + "experts.act_fn.")) {}

PhimoeBlock::Buffers PhimoeBlock::take(const CallExtents& extents, Slices& memory) const {
  const std::size_t tokens = extents.tokens();
  Buffers buffers{};
  buffers.scores = dense(memory.take<float>(tokens * experts_count_), tokens, experts_count_);
  buffers.routing.experts = {memory.take<std::int64_t>(tokens * experts_per_token), {tokens, experts_per_token}};
  buffers.routing.weights = {memory.take<float>(tokens * experts_per_token), {tokens, experts_per_token}};
  return buffers;
}

void PhimoeBlock::plan(const CallExtents& extents, Slices& memory) const {
  const std::size_t mark = memory.mark();
  static_cast<void>(take(extents, memory));
  experts_.plan(extents, hidden_size_, memory);
  memory.release(mark);
}

void PhimoeBlock::forward(Rows<const float> hidden, CallContext& context, const Show& show, Rows<float> out) {
  const std::size_t mark = context.memory.mark();
  const Buffers buffers = take(context.extents, context.memory);
  const Routing& routing = buffers.routing;
  context.multiply({.weight = &gate_, .x = hidden, .y = buffers.scores});
                                                                  show(Site::router_logits, View<float, 2>(buffers.scores.data, {hidden.count, experts_count_}));
  if (context.load_balancing != nullptr) context.load_balancing->add(buffers.scores, context.threads);
  sparsemixer_experts(buffers.scores, routing.experts, context.threads);
                                                                  show(Site::router_experts, routing.experts);
  sparsemixer_weights(buffers.scores, routing.experts, jitter_, routing.weights, context.threads);
                                                                  show(Site::router_weights, routing.weights);
  experts_.forward(hidden, routing, context, show, out);
  context.memory.release(mark);
}

}  // namespace assay::optimized
