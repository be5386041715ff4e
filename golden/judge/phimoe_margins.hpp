// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How far a token of PhiMoE is from each of the four decisions of its router: two winners, and who is within the band
// below each (transformers 5.23.0, modeling_phimoe.py, sparsemixer).
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace assay::golden {

/// In the order of the decisions.
inline constexpr std::array<std::string_view, 4> phimoe_rules{"first maximum", "first band", "second maximum",
                                                              "second band"};

/// The decision cannot change while each of the logits [E] moves by less than half of its margin; the largest double
/// where there is nothing to decide. `jitter` is the config's router_jitter_noise.
[[nodiscard]] std::array<double, 4> phimoe_margins(std::span<const double> logits, double jitter);

}  // namespace assay::golden
