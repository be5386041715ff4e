// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What stands behind the final norm of a model: which of transformers' classes a checkpoint is of.
#pragma once

#include <optional>
#include <string_view>

namespace assay {

enum class Head {
  causal_lm,                ///< GraniteMoeForCausalLM and so on: logits over the vocabulary
  none,                     ///< GraniteMoeModel and so on: the final norm is the output
  sequence_classification,  ///< PhimoeForSequenceClassification: one row of logits a sequence
};

/// "ForCausalLM", "Model" or "ForSequenceClassification": how the names of the classes end.
[[nodiscard]] std::string_view name(Head head);

/// `problem_type` of a config: which loss a classification has (transformers 5.23.0, loss/loss_utils.py,
/// ForSequenceClassificationLoss).
enum class ProblemType {
  regression,                   ///< mean squared error
  single_label_classification,  ///< cross entropy
  multi_label_classification,   ///< binary cross entropy with logits
};

[[nodiscard]] std::string_view name(ProblemType type);
[[nodiscard]] std::optional<ProblemType> problem_type_from_name(std::string_view text);

}  // namespace assay
