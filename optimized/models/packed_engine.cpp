// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/models/packed_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "model/error.hpp"
#include "optimized/memory.hpp"
#include "optimized/ops/embed.hpp"

namespace assay::optimized {
namespace {

/// Gathers Site::hidden_states, where somebody looks: [layers + 1, B, L, D].
class HiddenStates {
 public:
  HiddenStates(const Call& call, const Show& show, std::size_t layers, std::size_t width)
      : extents_{layers + 1, call.batch(), call.length(), width}, wanted_(call.output_hidden_states && show.active()) {
    if (wanted_) values_.reserve(View<float, 4>(nullptr, extents_).elements());
  }

  void keep(Rows<const float> x) {
    if (wanted_) values_.insert(values_.end(), x.data, x.data + x.count * x.width);
  }

  void show_on(const Show& show) {
    if (wanted_) show(Site::hidden_states, View<float, 4>(values_.data(), extents_));
  }

 private:
  std::array<std::size_t, 4> extents_;
  bool wanted_;
  std::vector<float> values_;
};

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
  const bool tied = common(config).tie_word_embeddings && common(config).head == Head::causal_lm;
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

PackedEngine::PackedEngine(const Config& config, const Weights& weights, const EngineOptions& options)
    : config_(config),
      head_dim_(head_dim_of(common(config))),
      threads_(options.threads),
      packer_(options.weights, weight_bytes_needed(config, options.weights)),
      workspace_(options.poison),
      embed_tokens_(weights.at("model.embed_tokens.weight")) {
  refuse_what_does_not_fit(config, options);
}

void PackedEngine::pack(const Weights& weights, const ModelEnds& ends) {
  embedding_multiplier_ = ends.embedding_multiplier;
  head_.emplace(common(config_), weights, ends.lm_head, packer_);
  packer_.pack(threads_);
}

bool PackedEngine::provides(Site site) const {
  // Fused away: the scores stay in blocks, the mask in rules, gate and up in tiles.
  return site != Site::attn_visible && site != Site::attn_scores && site != Site::attn_probs &&
         site != Site::expert_gate_up && site != Site::shared_gate_up && site != Site::attentions;
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
  const std::size_t rows_at_once = std::max(tokens, extents.batch * extents.logits);
  buffers.matmul_scratch = memory.take<float>(blis::matmul_scratch(packer_.widest_input(), rows_at_once, threads_));
  return buffers;
}

std::size_t PackedEngine::needed_bytes(const CallExtents& extents) const {
  Slices nothing;
  static_cast<void>(take(extents, nothing));
  plan_layers(extents, threads_, nothing);
  head_->plan(extents, nothing);
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
    bytes = std::max(bytes, needed_bytes({.batch = batch,
                                          .length = length,
                                          .past = past,
                                          .use_cache = true,
                                          .logits = 1,
                                          .sequences = length}));
  }
  workspace_.reserve(bytes);
  for_each_mixer([&](std::size_t, auto& mixer) { mixer.reserve(batch, tokens, cache_tokens); });
}

EngineMemory PackedEngine::memory() {
  std::size_t cache = 0;
  for_each_mixer([&](std::size_t, const auto& mixer) { cache += mixer.cache_bytes(); });
  return {packer_.bytes(), cache, workspace_.bytes()};
}

template <class Visitor>
void PackedEngine::for_each_mixer(const Visitor& visit) {
  for (std::size_t i = 0; i < common(config_).num_hidden_layers; ++i) {
    std::visit([&](auto* mixer) { visit(i, *mixer); }, mixer(i));
  }
}

void PackedEngine::reset() {
  empty_cache();
  forget_lengths();
}

void PackedEngine::empty_cache() {
  past_ = {};
  for_each_mixer([](std::size_t, auto& mixer) { mixer.clear_cache(); });
}

void PackedEngine::load_cache(const PastKeyValues& past, std::size_t length) {
  for_each_mixer([&](std::size_t i, auto& mixer) { mixer.load_cache(past.layers[i], length); });
}

SiteValue PackedEngine::forward(const Call& call, const Probe& probe) {
  check_call(config_, call, past_, "optimized engine");
  if (!call.continues) empty_cache();
  // A probe may throw and leave the caches of some layers longer than others: then there is nothing to continue.
  const Past past = past_of(call, std::exchange(past_, Past{}));
  const CallExtents extents = extents_of(call, past);
  if (call.past_key_values != nullptr) load_cache(*call.past_key_values, extents.length);
  Slices memory = workspace_.begin(needed_bytes(extents));
  const Buffers buffers = take(extents, memory);
  const Show show(probe, extents.batch, extents.length, &show_buffer_, &threads_);
  threads_.watch(probe.timekeeper());
  // Whose result only its site shows is not computed when nobody looks.
  std::optional<LoadBalancing> load_balancing;
  if (call.output_router_logits && show.active()) {
    const TransformerConfig& base = common(config_);
    load_balancing.emplace(base.num_local_experts, base.num_experts_per_tok, call.attention_mask);
  }
  CallContext context{.extents = extents,
                      .continues = past.batch > 0,
                      .cu_seq_lens = call.packed ? call.packed->cu_seq_lens_q.flat() : std::span<const std::int64_t>(),
                      .threads = threads_,
                      .memory = memory,
                      .matmul_scratch = buffers.matmul_scratch,
                      .load_balancing = load_balancing ? &*load_balancing : nullptr};
  compute(call, past, buffers, context, show);
  SiteValue output = head_->forward(call, buffers.stream.normed, context, show);
  if (call.use_cache) past_ = {extents.batch, past.tokens + extents.length};
  return output;
}

void PackedEngine::compute(const Call& call, const Past& past, const Buffers& buffers, CallContext& context,
                           const Show& show) {
  const Stream& stream = buffers.stream;
  const std::size_t layers = common(config_).num_hidden_layers;
  HiddenStates hidden_states(call, show, layers, stream.x.width);
  if (call.inputs_embeds) {
    embed(call.inputs_embeds->flat(), embedding_multiplier_, stream.x, threads_);
  } else {
    embed(call.input_ids.flat(), embed_tokens_, embedding_multiplier_, stream.x, threads_);
  }
                                                                               show(Site::embed_out, stream.x);
  begin(call, past, buffers.tables, context, show);
  // The tuple has the input of every layer, and the final norm instead of the last layer's output.
  for (std::size_t i = 0; i < layers; ++i) {
    hidden_states.keep(stream.x);
    compute_layer(i, stream, context, show.in(LayerIndex{i}));
  }
  final_norm(stream.x, stream.normed, threads_);                               show(Site::final_norm_out, stream.normed);
  hidden_states.keep(stream.normed);
  hidden_states.show_on(show);
}

}  // namespace assay::optimized
