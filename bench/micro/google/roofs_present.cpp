// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// For a build with the optimized engine.
#include "bench/micro/google/roofs.hpp"
#include "bench/roofs/roofs.hpp"

namespace assay::bench::micro {

std::optional<Roofs> roofs_now(std::size_t threads) { return measure_roofs(threads); }

}  // namespace assay::bench::micro
