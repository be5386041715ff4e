// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// From the last hidden state to the logits.
#pragma once

#include <cstddef>
#include <optional>

#include "model/tensor.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

/// (hidden * W^T + b) / scaling, for the last `logits_to_keep` tokens of each row, or for all where that is 0
/// (hidden_states[:, -logits_to_keep:, :] of every ForCausalLM.forward).
template <class T>
[[nodiscard]] Tensor<T, 3> lm_head(View<const T, 3> hidden,                  // [B, L, D]
                                   const WeightMatrix& weight,               // [V, D]
                                   const std::optional<WeightMatrix>& bias,  // [V]
                                   double scaling,
                                   std::size_t logits_to_keep);  // -> [B, kept, V]

}  // namespace assay::reference
