// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Tests that look at the order of values only, so that one sample that somebody else disturbed cannot decide.
#pragma once

#include <span>
#include <vector>

namespace assay::bench {

/// Wilcoxon's signed-rank test that `differences` lie around 0: the two-sided p. Zeros are left out, as he did. Counted
/// exactly for at most 25 differences without ties, else from the normal distribution, corrected for ties and
/// continuity. 1 where nothing is left.
[[nodiscard]] double wilcoxon_p(std::span<const double> differences);

/// Mann and Whitney's test that neither of two independent samples tends to larger values: the two-sided p. Counted
/// exactly for at most 25 values without ties, else as above. 1 where a sample is empty.
[[nodiscard]] double mann_whitney_p(std::span<const double> a, std::span<const double> b);

/// Holm's correction: what each p must be held against a level as when all are asked at once.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

}  // namespace assay::bench
