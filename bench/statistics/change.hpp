// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Ratios of times as people read them.
#pragma once

#include <string>

namespace assay::bench {

/// What a ratio of times changes: "+9.8%", "-3.2%", "0.0%"; beyond half and double the ratio itself, "2.41x". "?" for
/// what is no ratio.
[[nodiscard]] std::string change_text(double ratio);

}  // namespace assay::bench
