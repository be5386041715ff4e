// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The activation of a module with the parameters that it has learned, if it has any.
#pragma once

#include <string>

#include "model/config/activation.hpp"
#include "model/config/manifest.hpp"

namespace assay::reference {

/// `prefix` is that of the module, for example "model.layers.{i}.shared_mlp.activation.".
[[nodiscard]] ActivationFunction activation_of(Activation kind, const Weights& weights, const std::string& prefix);

}  // namespace assay::reference
