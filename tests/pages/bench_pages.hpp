// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The pages of benchmarks made by hand.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::reports::samples {

/// The page of the sample: "result", "result-large", "result-many", "result-bare", "result-empty", "result-hostile",
/// "comparison", "comparison-many", "comparison-one", "comparison-hostile", "history", "history-many", "history-one",
/// "history-empty", "history-hostile"; none for another name.
[[nodiscard]] std::optional<std::string> bench_page(std::string_view sample);

}  // namespace assay::reports::samples
