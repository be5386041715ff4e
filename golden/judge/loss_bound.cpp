// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/loss_bound.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "model/call.hpp"

namespace assay::golden {
namespace {

/// The weight of row `token` in aux_loss: that of the mask.
double weight_of(const RecordedCall& call, std::size_t token) {
  if (!call.attention_mask) return 1.0;
  return static_cast<double>(call.attention_mask->view().flat()[token]);
}

void add_softmax(std::span<const double> logits, double weight, std::vector<double>& sum) {
  const double largest = std::ranges::max(logits);
  double total = 0.0;
  for (const double logit : logits) total += std::exp(logit - largest);
  for (std::size_t e = 0; e < logits.size(); ++e) sum[e] += weight * std::exp(logits[e] - largest) / total;
}

/// How many of the k largest logits may turn out to be others while each moves by up to `limit`.
std::size_t open_choices(std::span<const double> logits, std::size_t k, double limit) {
  if (k == 0 || k >= logits.size()) return 0;
  std::vector<double> ranked(logits.begin(), logits.end());
  std::ranges::sort(ranked, std::greater<>());
  const double last_in = ranked[k - 1];
  const double first_out = ranked[k];
  if (last_in - first_out > 2.0 * limit) return 0;
  const auto chosen = std::span(ranked).first(k);
  const auto others = std::span(ranked).subspan(k);
  const auto may_leave = std::ranges::count_if(chosen, [&](double z) { return z - first_out <= 2.0 * limit; });
  const auto may_enter = std::ranges::count_if(others, [&](double z) { return last_in - z <= 2.0 * limit; });
  return static_cast<std::size_t>(std::min(may_leave, may_enter));
}

double cross_entropy_error(std::size_t terms, double divisor, double logit_limit) {
  return 2.0 * static_cast<double>(terms) / divisor * logit_limit;
}

double language_error(const RecordedCall& call, double logit_limit) {
  std::size_t targets = 0;
  const auto& labels = *call.labels;
  for (std::size_t row = 0; row < labels.extent(0); ++row) {
    // A token predicts the next one.
    for (std::size_t token = 1; token < labels.extent(1); ++token) targets += labels(row, token) != no_target ? 1U : 0U;
  }
  const double divisor = static_cast<double>(call.num_items_in_batch.value_or(static_cast<std::int64_t>(targets)));
  return targets == 0 ? 0.0 : cross_entropy_error(targets, divisor, logit_limit);
}

/// Of a classification whose labels are floats, element by element.
double float_label_error(ProblemType type, std::span<const float> labels, std::span<const double> logits,
                         double logit_limit) {
  double sum = 0.0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const auto label = static_cast<double>(labels[i]);
    if (type == ProblemType::regression) {
      sum += (2.0 * std::abs(logits[i] - label) + logit_limit) * logit_limit;
    } else {
      sum += std::max(std::abs(label), std::abs(1.0 - label)) * logit_limit;
    }
  }
  return sum / static_cast<double>(logits.size());
}

}  // namespace

LossBound aux_loss_bound(const Config& config, const RecordedCall& call, std::span<const RouterLogits> layers) {
  const std::size_t experts = common(config).num_local_experts;
  const std::size_t k = common(config).num_experts_per_tok;
  const std::size_t tokens = call.batch() * call.length();
  std::vector<double> shares(experts, 0.0);  // q_e, times the weight of all rows
  double weight = 0.0;
  double open = 0.0;  // choices, each times the weight of its row
  LossBound bound;
  for (const RouterLogits& layer : layers) {
    bound.error = std::max(bound.error, 0.5 * static_cast<double>(experts) * layer.limit_max_abs);
    for (std::size_t token = 0; token < tokens; ++token) {
      const std::span<const double> row = std::span(layer.values).subspan(token * experts, experts);
      const double of_row = weight_of(call, token);
      add_softmax(row, of_row, shares);
      weight += of_row;
      open += of_row * static_cast<double>(open_choices(row, k, layer.limit_max_abs));
    }
  }
  if (weight == 0.0) return bound;
  const auto [least, most] = std::ranges::minmax(shares);
  bound.jump = static_cast<double>(experts) * (open / weight) * (most - least) / weight;
  return bound;
}

double loss_error(const Config& config, const RecordedCall& call, std::span<const double> logits, double logit_limit) {
  const TransformerConfig& fields = common(config);
  if (fields.head == Head::causal_lm) return language_error(call, logit_limit);
  if (call.labels) return cross_entropy_error(1, 1.0, logit_limit);  // a mean over those that count
  const ProblemType type = fields.problem_type.value_or(
      fields.num_labels == 1 ? ProblemType::regression : ProblemType::multi_label_classification);
  return float_label_error(type, call.float_labels->view().flat(), logits, logit_limit);
}

}  // namespace assay::golden
