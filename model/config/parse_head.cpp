// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which head a config asks for, and what a classification needs to know (PreTrainedConfig of transformers 5.23.0).
#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <set>
#include <system_error>

#include "model/config/parse.hpp"

namespace assay {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> bare_models = {"GraniteMoeModel", "GraniteMoeSharedModel",
                                                         "GraniteMoeHybridModel", "PhimoeModel"};
constexpr std::string_view classifier = "PhimoeForSequenceClassification";

/// The first of `architectures`. Published files name the class in more than one spelling, and one without the key is
/// of a causal language model, as AutoModelForCausalLM takes it.
Head parse_architecture(Fields& fields, Family family) {
  const json::value* const value = fields.find("architectures");
  if (value == nullptr || value->is_null()) return Head::causal_lm;
  if (!value->is_array()) fields.refuse("architectures", "a list of names or null");
  if (value->get_array().empty()) return Head::causal_lm;
  const json::value& first = value->get_array().front();
  if (!first.is_string()) fields.refuse("architectures", "a list of names", "a list with " + describe(first));
  const std::string_view name = first.get_string();
  for (const std::string_view bare : bare_models) {
    if (name == bare) return Head::none;
  }
  if (name == classifier) {
    if (family != Family::phimoe) fields.refuse("architectures", "a class of this model_type");
    return Head::sequence_classification;
  }
  if (!name.ends_with(assay::name(Head::causal_lm))) {
    fields.refuse("architectures", "a ForCausalLM, a Model or PhimoeForSequenceClassification", describe(first));
  }
  return Head::causal_lm;
}

/// How many labels id2label names; its keys are numbers, and 1 and 01 are the same one.
std::optional<std::size_t> parse_label_names(Fields& fields) {
  const json::value* const names = fields.find("id2label");
  if (names == nullptr || names->is_null()) return std::nullopt;
  if (!names->is_object() || names->get_object().empty()) fields.refuse("id2label", "an object with names");
  std::set<std::int64_t> ids;
  for (const auto& [key, value] : names->get_object()) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (error != std::errc() || end != key.data() + key.size()) {
      fields.refuse("id2label", "an integer for each name", fmt::format("\"{}\"", std::string_view(key)));
    }
    ids.insert(id);
  }
  return ids.size();
}

/// num_labels decides where it is given; transformers never writes it beside id2label.
void parse_labels(Fields& fields, TransformerConfig& config) {
  const std::size_t given = fields.size("num_labels", 2);
  const std::optional<std::size_t> named = parse_label_names(fields);
  config.num_labels = fields.peek("num_labels") != nullptr ? given : named.value_or(given);
  if (config.problem_type == ProblemType::single_label_classification && named.value_or(given) == 1) {
    fields.refuse("problem_type", "another type for a single label");
  }
}

}  // namespace

void parse_head(Fields& fields, Family family, TransformerConfig& config) {
  config.head = parse_architecture(fields, family);
  if (const std::optional<std::string> type = fields.text_or_null("problem_type")) {
    config.problem_type = problem_type_from_name(*type);
    if (!config.problem_type) {
      fields.refuse("problem_type", "regression, single_label_classification, multi_label_classification or null");
    }
  }
  parse_labels(fields, config);
}

}  // namespace assay
