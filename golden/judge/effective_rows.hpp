// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How many samples of the noise a tensor is. The elements of a token share what went before it, so a token is one, and
// one of which most of the norm is counts for nearly all of them.
#pragma once

#include <span>

#include "golden/judge/real_rows.hpp"
#include "model/site_plan.hpp"

namespace assay::golden {

/// (sum s)^2 / sum s^2, s the sum of squares of a row: the degrees of freedom that a sum of unequal parts has
/// (Satterthwaite 1946, "An approximate distribution of estimates of variance components"; equal rows give their
/// number). Rows are the tokens of the site, in a cache the keys, in a state of Mamba2 the taps or the heads of each
/// sequence. `judged` are the elements at `places`, all of them where there are none. 1 where all are zero.
[[nodiscard]] double effective_rows(const PlannedSite& site, const Places& places, std::span<const double> judged);

/// The same of rows of `width` elements.
[[nodiscard]] double effective_rows(std::span<const double> values, std::size_t width);

}  // namespace assay::golden
