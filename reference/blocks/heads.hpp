// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What stands behind the final norm: the language head, the classification, or nothing; and the losses.
#pragma once

#include <optional>
#include <vector>

#include "model/call.hpp"
#include "model/config/transformer.hpp"
#include "model/probe.hpp"
#include "model/tensor.hpp"
#include "reference/blocks/call_outputs.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

/// Where the heads of the architectures differ.
struct HeadOptions {
  double logits_scaling = 1.0;
  bool lm_head_bias = false;
};

/// What a model returns: the logits [B, kept_logits, V], the pooled logits [B, num_labels], or the final norm [B, L, D].
template <class T>
struct HeadOutput {
  std::vector<T> values;
  Shape shape;
};

/// The forward of ForCausalLM, of PhimoeForSequenceClassification, or of a bare model, behind that of the model.
template <class T>
class Heads {
 public:
  Heads(const Weights& weights, const TransformerConfig& config, const HeadOptions& options);

  /// Shows the sites from Site::logits to Site::loss that the call has.
  [[nodiscard]] HeadOutput<T> forward(const Call& call,
                                      View<const T, 3> hidden,  // [B, L, D]: the final norm
                                      const CallOutputs<T>& outputs, const Probe& probe) const;

 private:
  [[nodiscard]] HeadOutput<T> language(const Call& call, View<const T, 3> hidden, const CallOutputs<T>& outputs,
                                       const Probe& probe) const;
  [[nodiscard]] HeadOutput<T> classification(const Call& call, View<const T, 3> hidden, const Probe& probe) const;

  TransformerConfig config_;
  HeadOptions options_;
  std::optional<WeightMatrix> lm_head_;       // [V, D]
  std::optional<WeightMatrix> lm_head_bias_;  // [V]
  std::optional<WeightMatrix> score_;         // [num_labels, D]
};

}  // namespace assay::reference
