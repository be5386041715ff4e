// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The roofs that shares are of.
#pragma once

#include <cstddef>
#include <optional>

#include "bench/result/result.hpp"

namespace assay::bench::micro {

/// Measured now; none in a build without the optimized engine, whose microkernel they are measured with.
[[nodiscard]] std::optional<Roofs> roofs_now(std::size_t threads);

}  // namespace assay::bench::micro
