// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which head a config asks for, and what a classification needs to know (PreTrainedConfig of transformers 5.23.0).
#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

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

/// id2label decides where it is given; transformers writes it, and never num_labels.
std::size_t parse_num_labels(Fields& fields) {
  const std::size_t plain = fields.size("num_labels", 2);
  const json::value* const names = fields.find("id2label");
  if (names == nullptr || names->is_null()) return plain;
  if (!names->is_object() || names->get_object().empty()) fields.refuse("id2label", "an object with names");
  return names->get_object().size();
}

}  // namespace

void parse_head(Fields& fields, Family family, TransformerConfig& config) {
  config.head = parse_architecture(fields, family);
  config.num_labels = parse_num_labels(fields);
  const std::optional<std::string> type = fields.text_or_null("problem_type");
  if (!type) return;
  config.problem_type = problem_type_from_name(*type);
  if (!config.problem_type) {
    fields.refuse("problem_type",
                  "regression, single_label_classification, multi_label_classification or null");
  }
}

}  // namespace assay
