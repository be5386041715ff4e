// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What of a golden a partial dump does not hold, in few words.
#pragma once

#include <string>
#include <vector>

#include "golden/format/golden_file.hpp"
#include "golden/judge/selection.hpp"
#include "golden/replay/dump.hpp"

namespace assay::golden {

/// Of the selected sites that `expected` records: "call 2", "layers 4 to 7", "attn_scores", "moe_out of layers 1, 3",
/// "logits of call 1". What a larger part lacks is not told again of its parts.
[[nodiscard]] std::vector<std::string> lacking(const GoldenFile& expected, const Dump& dump,
                                               const Selection& selection);

}  // namespace assay::golden
