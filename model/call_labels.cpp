// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/call_labels.hpp"

#include <fmt/format.h>

#include <cmath>

#include "model/error.hpp"

namespace assay {
namespace {

void check_language_labels(const Config& config, const Call& call, std::string_view where) {
  if (call.float_labels) throw Error(fmt::format("{}: labels: expected token ids, found floats", where));
  const auto& labels = *call.labels;
  if (labels.extent(0) != call.batch() || labels.extent(1) != call.length()) {
    throw Error(fmt::format("{}: labels: expected [{}, {}], found {}", where, call.batch(), call.length(),
                            to_string(labels.shape())));
  }
  const auto vocab_size = static_cast<std::int64_t>(common(config).vocab_size);
  bool any_target = false;
  for (std::size_t b = 0; b < labels.extent(0); ++b) {
    for (std::size_t l = 0; l < labels.extent(1); ++l) {
      const std::int64_t label = labels(b, l);
      if (label != no_target && (label < 0 || label >= vocab_size)) {
        throw Error(
            fmt::format("{}: labels[{}, {}]: expected -100 or 0 to {}, found {}", where, b, l, vocab_size - 1, label));
      }
      // A token predicts the next one: the first of a row is nobody's target.
      any_target = any_target || (l > 0 && label != no_target);
    }
  }
  if (!any_target && !call.num_items_in_batch) {
    throw Error(fmt::format("{}: labels: expected a target behind the first token, found none", where));
  }
}

void check_class_labels(const TransformerConfig& config, const Call& call, std::string_view where) {
  const auto& labels = *call.labels;
  if (labels.extent(0) != call.batch() || labels.extent(1) != 1) {
    throw Error(fmt::format("{}: labels: expected [{}, 1], found {}", where, call.batch(), to_string(labels.shape())));
  }
  const bool by_class =
      config.problem_type ? *config.problem_type == ProblemType::single_label_classification : config.num_labels > 1;
  if (!by_class) throw Error(fmt::format("{}: labels: expected floats, found classes", where));
  const auto classes = static_cast<std::int64_t>(config.num_labels);
  bool any_target = false;
  for (std::size_t b = 0; b < labels.extent(0); ++b) {
    const std::int64_t label = labels(b, 0);
    if (label != no_target && (label < 0 || label >= classes)) {
      throw Error(fmt::format("{}: labels[{}]: expected -100 or 0 to {}, found {}", where, b, classes - 1, label));
    }
    any_target = any_target || label != no_target;
  }
  if (!any_target) throw Error(fmt::format("{}: labels: expected a target, found none", where));
}

void check_float_labels(const TransformerConfig& config, const Call& call, std::string_view where) {
  const auto& labels = *call.float_labels;
  if (config.problem_type == ProblemType::single_label_classification) {
    throw Error(fmt::format("{}: labels: expected classes, found floats", where));
  }
  if (labels.extent(0) != call.batch() || labels.extent(1) != config.num_labels) {
    throw Error(fmt::format("{}: labels: expected [{}, {}], found {}", where, call.batch(), config.num_labels,
                            to_string(labels.shape())));
  }
  for (const float label : labels.flat()) {
    if (!std::isfinite(label)) throw Error(fmt::format("{}: labels: expected finite numbers, found {}", where, label));
  }
}

}  // namespace

void check_labels(const Config& config, const Call& call, std::string_view where) {
  const TransformerConfig& fields = common(config);
  if (call.num_items_in_batch && *call.num_items_in_batch < 1) {
    throw Error(fmt::format("{}: num_items_in_batch: expected 1 or more, found {}", where, *call.num_items_in_batch));
  }
  if (call.num_items_in_batch && (fields.head != Head::causal_lm || !call.labels)) {
    throw Error(fmt::format("{}: num_items_in_batch: expected labels of a language model with it, found none", where));
  }
  // PhimoeForSequenceClassification does not know which token to pool in several rows without a pad id.
  if (fields.head == Head::sequence_classification && !fields.pad_token_id && call.batch() > 1) {
    throw Error(
        fmt::format("{}: pad_token_id: expected one to classify a batch of {}, found none", where, call.batch()));
  }
  if (!call.has_labels()) return;
  if (call.labels && call.float_labels) {
    throw Error(fmt::format("{}: labels: expected ids or floats, found both", where));
  }
  switch (fields.head) {
    case Head::causal_lm:
      return check_language_labels(config, call, where);
    case Head::none:
      throw Error(fmt::format("{}: labels: expected none in a model without a head, found some", where));
    case Head::sequence_classification:
      return call.labels ? check_class_labels(fields, call, where) : check_float_labels(fields, call, where);
  }
}

}  // namespace assay
