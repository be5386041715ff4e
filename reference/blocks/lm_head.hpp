// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// From the last hidden state to the logits.
#pragma once

#include <optional>

#include "model/call.hpp"
#include "model/tensor.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

/// (hidden * W^T + b) / scaling, for the tokens that `call` keeps (slice_logits_to_keep of every ForCausalLM.forward).
template <class T>
[[nodiscard]] Tensor<T, 3> lm_head(View<const T, 3> hidden,                  // [B, L, D]
                                   const WeightMatrix& weight,               // [V, D]
                                   const std::optional<WeightMatrix>& bias,  // [V]
                                   double scaling,
                                   const Call& call);  // -> [B, kept_logits, V]

}  // namespace assay::reference
