// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/models/packed_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/error.hpp"
#include "optimized/memory.hpp"

namespace assay::optimized {
namespace {

std::size_t head_dim_of(const TransformerConfig& config) {
  return config.head_dim.value_or(config.hidden_size / config.num_attention_heads);
}

std::size_t attention_layers(const Config& config) {
  const auto* hybrid = std::get_if<GraniteMoeHybridConfig>(&config);
  if (hybrid == nullptr) return common(config).num_hidden_layers;
  return static_cast<std::size_t>(std::ranges::count(hybrid->layer_types, MixerKind::attention));
}

/// Of the packed weights: every matrix but the convolution's, and the embeddings only where they are also the head.
double weight_bytes_needed(const Config& config, WeightStorage storage) {
  double elements_needed = 0;
  const bool tied = common(config).tie_word_embeddings;
  for (const ExpectedTensor& tensor : manifest(config)) {
    if (tensor.shape.size() < 2 || tensor.name.ends_with("conv1d.weight")) continue;
    if (tensor.name == "model.embed_tokens.weight" && !tied) continue;
    elements_needed += static_cast<double>(elements(tensor.shape));
  }
  return elements_needed * static_cast<double>(size_bytes(storage));
}

/// Before anything is packed: a machine that swaps is worse than an error.
void refuse_what_does_not_fit(const Config& config, const EngineOptions& options) {
  const double needed = weight_bytes_needed(config, options.weights);
  const std::size_t available = options.available_bytes.value_or(available_bytes());
  if (needed <= static_cast<double>(available)) return;
  const char* smaller = options.weights == WeightStorage::f32 ? "--weights bf16, " : "";
  throw Error(
      fmt::format("optimized engine: expected {} for the packed {} weights, found {} available; take {}fewer layers, or "
                  "--engine reference, which leaves the weights in their file",
                  gibibytes(static_cast<std::size_t>(needed)), name(options.weights), gibibytes(available), smaller));
}

}  // namespace

double cache_bytes(const Config& config, std::size_t batch, std::size_t cache_tokens) {
  const TransformerConfig& base = common(config);
  const auto* phimoe = std::get_if<PhimoeConfig>(&config);
  double tokens = static_cast<double>(cache_tokens);
  if (phimoe != nullptr && phimoe->sliding_window) {
    tokens = std::min(tokens, 3.0 * static_cast<double>(*phimoe->sliding_window));
  }
  return 2.0 * sizeof(float) * tokens * static_cast<double>(batch * attention_layers(config)) *
         static_cast<double>(base.num_key_value_heads * head_dim_of(base));
}

PackedEngine::PackedEngine(const Config& config, const EngineOptions& options)
    : config_(config),
      head_dim_(head_dim_of(common(config))),
      threads_(options.threads),
      packer_(options.weights, weight_bytes_needed(config, options.weights)),
      workspace_(options.poison) {
  refuse_what_does_not_fit(config, options);
}

bool PackedEngine::provides(Site site) const {
  // Fused away: the scores stay in blocks, the mask in rules, gate and up in tiles.
  return site != Site::attn_visible && site != Site::attn_scores && site != Site::attn_probs &&
         site != Site::expert_gate_up && site != Site::shared_gate_up;
}

PackedEngine::Buffers PackedEngine::take(const CallExtents& extents, Slices& memory) const {
  const TransformerConfig& base = common(config_);
  const std::size_t tokens = extents.tokens();
  const auto rows = [&] {
    return dense(memory.take<float>(tokens * base.hidden_size), tokens, base.hidden_size);
  };
  Buffers buffers{};
  buffers.stream = {rows(), rows(), rows(), rows()};
  buffers.tables = take_tables(extents, head_dim_, memory);
  buffers.matmul_scratch = memory.take<float>(blis::matmul_scratch(packer_.widest_input(), tokens, threads_));
  const std::size_t kept = extents.batch * extents.logits;
  buffers.logits = dense(memory.take<float>(kept * base.vocab_size), kept, base.vocab_size);
  buffers.logit_rows = memory.take<std::uint32_t>(kept);
  return buffers;
}

std::size_t PackedEngine::needed_bytes(const CallExtents& extents) const {
  Slices nothing;
  static_cast<void>(take(extents, nothing));
  plan_layers(extents, threads_, nothing);
  return nothing.peak();
}

void PackedEngine::reserve(std::size_t batch, std::size_t tokens, std::size_t cache_tokens) {
  reset();
  const double cache = cache_bytes(config_, batch, cache_tokens);
  const std::size_t available = available_bytes();
  if (!(cache <= static_cast<double>(available))) {
    throw Error(fmt::format("cache: expected {:.2f} GiB for {} x {} tokens, found {} available",
                            cache / (1024.0 * 1024.0 * 1024.0), batch, cache_tokens, gibibytes(available)));
  }
  std::size_t bytes = 0;
  // A call that decodes and one that does not take memory for different things.
  for (const std::size_t length : {tokens, std::size_t{1}}) {
    const std::size_t past = cache_tokens > length ? cache_tokens - length : 0;
    bytes = std::max(bytes, needed_bytes({batch, length, past, true, 1}));
  }
  workspace_.reserve(bytes);
  reserve_cache(batch, tokens, cache_tokens);
}

void PackedEngine::reset() {
  empty_cache();
  forget_lengths();
}

void PackedEngine::empty_cache() {
  past_ = {};
  clear_cache();
}

SiteValue PackedEngine::forward(const Call& call, const Probe& probe) {
  check_call(config_, call, past_, "optimized engine");
  if (!call.continues) empty_cache();
  // A probe may throw and leave the caches of some layers longer than others: then there is nothing to continue.
  const Past past = std::exchange(past_, Past{});
  const CallExtents extents = extents_of(call, past);
  Slices memory = workspace_.begin(needed_bytes(extents));
  Buffers buffers = take(extents, memory);
  CallContext context{.extents = extents,
                      .continues = call.continues,
                      .threads = threads_,
                      .memory = memory,
                      .matmul_scratch = buffers.matmul_scratch};
  const Show show(probe, extents.batch, extents.length);
  compute(call, past, buffers.tables, buffers.stream, context, show);
  compute_logits(buffers, context, show);
  if (call.use_cache) past_ = {extents.batch, past.tokens + extents.length};
  const std::size_t vocab_size = buffers.logits.width;
  return {std::span<const float>(buffers.logits.data, buffers.logits.count * vocab_size),
          {extents.batch, extents.logits, vocab_size}};
}

void PackedEngine::compute_logits(const Buffers& buffers, CallContext& context, const Show& show) const {
  const CallExtents& extents = context.extents;
  const LmHead& head = lm_head();
  for (std::size_t row = 0; row < buffers.logits.count; ++row) {
    const std::size_t b = row / extents.logits;
    const std::size_t last = extents.length - extents.logits + row % extents.logits;
    buffers.logit_rows[row] = static_cast<std::uint32_t>(b * extents.length + last);
  }
  context.multiply({.weight = &head.weight,
                    .x = buffers.stream.normed,
                    .gather = buffers.logit_rows,
                    .y = buffers.logits,
                    .bias = head.bias.empty() ? nullptr : head.bias.data(),
                    .divisor = head.divisor});
  show(Site::logits, View<float, 3>(buffers.logits.data, {extents.batch, extents.logits, buffers.logits.width}));
}

}  // namespace assay::optimized
