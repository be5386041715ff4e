// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Whether two files speak of the same thing: the same model, the same weights, the same calls. Values of different
// things may differ, so comparing them proves nothing.
#pragma once

#include <string>
#include <vector>

#include "golden/format/golden_file.hpp"
#include "golden/replay/array_file.hpp"

namespace assay::golden {

struct Comparability {
  std::string refusal;             ///< the first difference, and how many there are; "" where there is none
  std::vector<std::string> notes;  ///< what could not be compared
};

/// Compares what both hold: model_type, config, weights_sha256, the number of calls, their attributes and inputs. An
/// attention_mask of ones and positions in their order are as good as none. Throws Error where something cannot be
/// read.
[[nodiscard]] Comparability comparability(const GoldenFile& expected, const ArrayFile& actual);

}  // namespace assay::golden
