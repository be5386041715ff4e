// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Whether two results may be held against each other at all.
#pragma once

#include <string>
#include <vector>

#include "bench/result/result.hpp"
#include "bench/statistics/compare.hpp"

namespace assay::bench {

/// Throws Error where machines, settings or benchmarks are not the same; returns warnings of what is allowed to differ.
[[nodiscard]] std::vector<std::string> check_comparable(const Result& base, const Result& fresh,
                                                        const CompareOptions& options);

}  // namespace assay::bench
