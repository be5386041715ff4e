// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// From the last hidden state to the logits.
#pragma once

#include <optional>

#include "model/tensor.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

/// (hidden * W^T + b) / scaling, for every token.
template <class T>
[[nodiscard]] Tensor<T, 3> lm_head(View<const T, 3> hidden,                  // [B, L, D]
                                   const WeightMatrix& weight,               // [V, D]
                                   const std::optional<WeightMatrix>& bias,  // [V]
                                   double scaling);                          // -> [B, L, V]

}  // namespace assay::reference
