// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/output_head.hpp"

#include <algorithm>

#include "optimized/ops/loss.hpp"
#include "optimized/ops/stored_vector.hpp"

namespace assay::optimized {
namespace {

std::size_t outputs_of(const TransformerConfig& config) {
  switch (config.head) {
    case Head::causal_lm:
      return config.vocab_size;
    case Head::none:
      return 0;
    case Head::sequence_classification:
      return config.num_labels;
  }
  return 0;
}

/// Of the token before: a token predicts the next one, the last of a row predicts nothing.
std::vector<std::int64_t> shifted(View<const std::int64_t, 2> labels) {
  std::vector<std::int64_t> targets(labels.elements(), no_target);
  const std::size_t length = labels.extent(1);
  for (std::size_t b = 0; b < labels.extent(0); ++b) {
    std::copy_n(labels[b].data() + 1, length - 1, targets.begin() + static_cast<std::ptrdiff_t>(b * length));
  }
  return targets;
}

double cross_entropy(Rows<const float> logits, std::span<const std::int64_t> targets, std::int64_t items,
                     const Threads& threads) {
  std::vector<double> terms(targets.size());
  cross_entropy_terms(logits, targets, terms, threads);
  return reduce_cross_entropy(terms, targets, items);
}

}  // namespace

OutputHead::OutputHead(const TransformerConfig& config, const Weights& weights, const LmHeadOptions& options,
                       blis::WeightPacker& packer)
    : config_(config), outputs_(outputs_of(config)), divisor_(options.divisor) {
  if (config.head == Head::none) return;
  const std::string name = config.head == Head::causal_lm ? "lm_head" : "score";
  weight_ = packer.add({blis::all_rows(weights.at(name + ".weight"), name + ".weight")});
  if (config.head == Head::causal_lm && options.bias) bias_ = read_vector(weights.at(name + ".bias"));
}

OutputHead::Buffers OutputHead::take(const CallExtents& extents, Slices& memory) const {
  const bool classifies = config_.head == Head::sequence_classification;
  const std::size_t scored = classifies ? extents.tokens() : 0;
  const std::size_t count = classifies ? extents.batch : extents.batch * extents.logits;
  Buffers buffers{};
  buffers.scores = dense(memory.take<float>(scored * outputs_), scored, outputs_);
  buffers.logits = dense(memory.take<float>(count * outputs_), count, outputs_);
  buffers.rows = memory.take<std::uint32_t>(count);
  return buffers;
}

void OutputHead::plan(const CallExtents& extents, Slices& memory) const {
  const std::size_t mark = memory.mark();
  static_cast<void>(take(extents, memory));
  memory.release(mark);
}

SiteValue OutputHead::forward(const Call& call, Rows<float> normed, CallContext& context, const Show& show) const {
  const CallExtents& extents = context.extents;
  const Buffers buffers = take(extents, context.memory);
  const auto value_of = [](Rows<float> rows, Shape shape) {
    return SiteValue{std::span<const float>(rows.data, rows.count * rows.width), std::move(shape)};
  };
  switch (config_.head) {
    case Head::causal_lm:
      compute_logits(call, normed, buffers, context, show);
      show_losses(call, buffers.logits, context, show);
      return value_of(buffers.logits, {extents.batch, extents.logits, outputs_});
    case Head::sequence_classification:
      pool_scores(call, normed, buffers, context, show);
      show_losses(call, buffers.logits, context, show);
      return value_of(buffers.logits, {extents.batch, outputs_});
    case Head::none:
      break;
  }
  return value_of(normed, {extents.batch, extents.length, normed.width});
}

void OutputHead::compute_logits(const Call& call, Rows<float> normed, const Buffers& buffers, CallContext& context,
                                const Show& show) const {
  const CallExtents& extents = context.extents;
  for (std::size_t row = 0; row < buffers.logits.count; ++row) {
    const std::size_t first = row / extents.logits * extents.length;
    buffers.rows[row] = static_cast<std::uint32_t>(first + call.kept_token(row % extents.logits));
  }
  context.multiply({.weight = &weight_,
                    .x = normed,
                    .gather = buffers.rows,
                    .y = buffers.logits,
                    .bias = bias_.empty() ? nullptr : bias_.data(),
                    .divisor = divisor_});
  show(Site::logits, View<float, 3>(buffers.logits.data, {extents.batch, extents.logits, outputs_}));
}

/// Scores of all tokens, though one of a row is wanted: they are few numbers, and the site has all.
void OutputHead::pool_scores(const Call& call, Rows<float> normed, const Buffers& buffers, CallContext& context,
                             const Show& show) const {
  const CallExtents& extents = context.extents;
  context.multiply({.weight = &weight_, .x = normed, .y = buffers.scores});      show(Site::score_out, buffers.scores);
  for (std::size_t b = 0; b < extents.batch; ++b) {
    const float* from = buffers.scores[b * extents.length + pooled_token(call, b)];
    std::copy_n(from, outputs_, buffers.logits[b]);
  }
  show(Site::pooled_logits, View<float, 2>(buffers.logits.data, {extents.batch, outputs_}));
}

/// The last token that is no padding by its id, whatever the mask says; the last of all where ids do not tell
/// (GenericForSequenceClassification).
std::size_t OutputHead::pooled_token(const Call& call, std::size_t b) const {
  std::size_t token = call.length() - 1;
  if (call.inputs_embeds || !config_.pad_token_id) return token;
  while (token > 0 && call.input_ids(b, token) == *config_.pad_token_id) --token;
  return token;
}

/// Losses exist only to be shown.
void OutputHead::show_losses(const Call& call, Rows<const float> logits, const CallContext& context,
                             const Show& show) const {
  if (!show.active()) return;
  double of_router = 0;
  if (context.load_balancing != nullptr) {
    auto aux_loss = static_cast<float>(context.load_balancing->loss());          show(Site::aux_loss, View<float, 1>(&aux_loss, {1}));
    of_router = config_.router_aux_loss_coef * static_cast<double>(aux_loss);
  }
  if (call.has_labels()) {
    auto total = static_cast<float>(loss(call, logits, context.threads) + of_router);
                                                                                 show(Site::loss, View<float, 1>(&total, {1}));
  }
}

/// Labels that the loss does not take were refused by check_call.
double OutputHead::loss(const Call& call, Rows<const float> logits, const Threads& threads) const {
  if (config_.head == Head::causal_lm) {
    return cross_entropy(logits, shifted(*call.labels), call.num_items_in_batch.value_or(0), threads);
  }
  if (call.labels) return cross_entropy(logits, call.labels->flat(), 0, threads);
  const std::span<const float> values(logits.data, logits.count * logits.width);
  const bool regresses =
      config_.problem_type ? *config_.problem_type == ProblemType::regression : config_.num_labels == 1;
  return (regresses ? mean_squared_error : binary_cross_entropy)(values, call.float_labels->flat());
}

}  // namespace assay::optimized
