// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The loss of a call, by the rules of transformers' loss functions (transformers 5.23.0, loss/loss_utils.py).
#pragma once

#include "model/call.hpp"
#include "model/config/transformer.hpp"
#include "model/tensor.hpp"

namespace assay::reference {

/// Cross entropy of each token's logits and the label of the next token. ForCausalLMLoss.
template <class T>
[[nodiscard]] double language_loss(View<const T, 3> logits,  // [B, L, V]
                                   const Call& call);

/// The loss of the config's problem_type; without one, a regression of one label, cross entropy of classes, or binary
/// cross entropy of floats. ForSequenceClassificationLoss.
template <class T>
[[nodiscard]] double classification_loss(View<const T, 2> pooled,  // [B, num_labels]
                                         const Call& call, const TransformerConfig& config);

}  // namespace assay::reference
