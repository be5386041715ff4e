// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The scalar functions of the models, in double whatever the engine stores.
#pragma once

#include <cmath>

#include "model/config/activation.hpp"

namespace assay::reference {

/// x * sigmoid(x). torch.nn.functional.silu.
[[nodiscard]] inline double silu(double x) { return x / (1.0 + std::exp(-x)); }

/// log(1 + exp(x)), and x itself above 20, as torch.nn.functional.softplus has it.
[[nodiscard]] inline double softplus(double x) { return x > 20.0 ? x : std::log1p(std::exp(x)); }

/// What ACT2FN[hidden_act] computes in transformers 5.23.0 (activations, and torch.nn for those that it takes from
/// there), constants as written there. NaN stays NaN.
[[nodiscard]] double activate(const ActivationFunction& function, double x);

}  // namespace assay::reference
