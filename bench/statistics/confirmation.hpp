// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A regression counts when it shows a second time, in processes of their own.
#pragma once

#include "bench/statistics/comparison.hpp"

namespace assay::bench {

/// `first` with what became of its REGRESSED rows when they were measured again: one that is slower in `second` too,
/// by its whole interval, stays so, and says what it was then; any other becomes INCONCLUSIVE. Rows that `second` has
/// not stay as they are.
[[nodiscard]] Comparison confirm(Comparison first, const Comparison& second);

}  // namespace assay::bench
