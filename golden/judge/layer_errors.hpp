// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Two runs of one engine, free and injected, side by side: which layer made the error that the others carry.
#pragma once

#include <span>
#include <vector>

#include "golden/judge/result.hpp"

namespace assay::golden {

/// One entry a call and layer, in the order of execution. A layer introduces an error if one of its sites is beyond its
/// limit though all of its inputs were the golden's; it inherits one if its own sites hold and its input was beyond its
/// limit already, and amplifies it if its output then is more than twice as far beyond (or its input was within, and
/// what it reads from the cache was not).
[[nodiscard]] std::vector<LayerErrors> layer_errors(std::span<const SiteResult> free,
                                                    std::span<const SiteResult> injected);

}  // namespace assay::golden
