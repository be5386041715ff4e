// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/head.hpp"

namespace assay {

std::string_view name(Head head) {
  switch (head) {
    case Head::causal_lm:
      return "ForCausalLM";
    case Head::none:
      return "Model";
    case Head::sequence_classification:
      return "ForSequenceClassification";
  }
  return "?";
}

std::string_view name(ProblemType type) {
  switch (type) {
    case ProblemType::regression:
      return "regression";
    case ProblemType::single_label_classification:
      return "single_label_classification";
    case ProblemType::multi_label_classification:
      return "multi_label_classification";
  }
  return "?";
}

std::optional<ProblemType> problem_type_from_name(std::string_view text) {
  for (const ProblemType type :
       {ProblemType::regression, ProblemType::single_label_classification, ProblemType::multi_label_classification}) {
    if (text == name(type)) return type;
  }
  return std::nullopt;
}

}  // namespace assay
