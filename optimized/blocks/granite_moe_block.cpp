// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/granite_moe_block.hpp"

#include "optimized/blocks/activation.hpp"
#include "optimized/ops/top_k.hpp"

namespace assay::optimized {
namespace {

std::vector<Experts::Expert> pack_experts(const Weights& weights, const std::string& prefix,
                                          const GraniteMoeConfig& config, blis::WeightPacker& packer) {
  const std::string input_name = prefix + "input_linear.weight";    // [E, 2I, D]
  const std::string output_name = prefix + "output_linear.weight";  // [E, D, I]
  const StoredTensor& input = weights.at(input_name);
  const StoredTensor& output = weights.at(output_name);
  const std::size_t width = config.intermediate_size;
  std::vector<Experts::Expert> experts;
  experts.reserve(config.num_local_experts);
  for (std::size_t e = 0; e < config.num_local_experts; ++e) {
    // The first half of an expert's rows is the gate, the second the up projection.
    experts.push_back({packer.add_gated({&input, 2 * e * width, width, input_name},
                                        {&input, (2 * e + 1) * width, width, input_name}),
                       packer.add({{&output, e * config.hidden_size, config.hidden_size, output_name}})});
  }
  return experts;
}

}  // namespace

GraniteMoeBlock::GraniteMoeBlock(const Weights& weights, const std::string& prefix, const GraniteMoeConfig& config,
                                 blis::WeightPacker& packer)
    : hidden_size_(config.hidden_size),
      experts_count_(config.num_local_experts),
      experts_per_token_(config.num_experts_per_tok),
      router_(packer.add({blis::all_rows(weights.at(prefix + "router.layer.weight"), prefix + "router.layer.weight")})),
      experts_(pack_experts(weights, prefix, config, packer), config.intermediate_size, config.num_experts_per_tok,
               activation_of(config.hidden_act, weights, prefix + "experts.act_fn.")) {}

GraniteMoeBlock::Buffers GraniteMoeBlock::take(const CallExtents& extents, Slices& memory) const {
  const std::size_t tokens = extents.tokens();
  const std::size_t slots = tokens * experts_per_token_;
  Buffers buffers{};
  buffers.logits = dense(memory.take<float>(tokens * experts_count_), tokens, experts_count_);
  buffers.routing.experts = {memory.take<std::int64_t>(slots), {tokens, experts_per_token_}};
  buffers.routing.weights = {memory.take<float>(slots), {tokens, experts_per_token_}};
  return buffers;
}

void GraniteMoeBlock::plan(const CallExtents& extents, Slices& memory) const {
  const std::size_t mark = memory.mark();
  static_cast<void>(take(extents, memory));
  experts_.plan(extents, hidden_size_, memory);
  memory.release(mark);
}

void GraniteMoeBlock::forward(Rows<const float> hidden, CallContext& context, const Show& show, Rows<float> out) {
  const std::size_t mark = context.memory.mark();
  const Buffers buffers = take(context.extents, context.memory);
  const Routing& routing = buffers.routing;
  context.multiply({.weight = &router_, .x = hidden, .y = buffers.logits});
                                                                  show(Site::router_logits, View<float, 2>(buffers.logits.data, {hidden.count, experts_count_}));
  if (context.load_balancing != nullptr) context.load_balancing->add(buffers.logits, context.threads);
  top_k(buffers.logits, routing.experts, context.threads);        show(Site::router_experts, routing.experts);
  top_k_weights(buffers.logits, routing.experts, routing.weights, context.threads);
                                                                  show(Site::router_weights, routing.weights);
  experts_.forward(hidden, routing, context, show, out);
  context.memory.release(mark);
}

}  // namespace assay::optimized
