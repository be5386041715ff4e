// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How far each token is from another routing decision, by the definition of golden/FORMAT.md: for goldens that were
// made without a truth and so without margins.
#pragma once

#include <span>
#include <vector>

#include "model/config/config.hpp"

namespace assay::golden {

/// [T]; the config is that of a model with experts.
[[nodiscard]] std::vector<double> router_margin(const Config& config, std::span<const double> logits,  // [T, E]
                                                std::size_t tokens);

}  // namespace assay::golden
