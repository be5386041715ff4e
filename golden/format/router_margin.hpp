// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The margins that a golden records (golden/FORMAT.md), from router logits alone: for a dump, which has none.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "model/config/config.hpp"

namespace assay::golden {

/// For each token: no routing decision can change while each of its logits moves by less than half of this. The largest
/// finite double where there is no other decision. As golden/generate/margins.py.
[[nodiscard]] std::vector<double> router_margins(const Config& config,
                                                 std::span<const double> logits,  // [T, E]
                                                 std::size_t tokens);

}  // namespace assay::golden
