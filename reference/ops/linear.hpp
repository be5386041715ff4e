// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// torch.nn.functional.linear: y[o] = sum_i x[i] * W[o, i] + b[o].
#pragma once

#include <optional>

#include "model/view.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

template <class T>
void linear(View<const T, 2> x,                       // [T, in]
            const WeightMatrix& weight,               // [out, in]
            const std::optional<WeightMatrix>& bias,  // [out]
            View<T, 2> y);                            // [T, out]

}  // namespace assay::reference
