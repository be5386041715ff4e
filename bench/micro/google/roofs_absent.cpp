// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// For a build without the optimized engine.
#include "bench/micro/google/roofs.hpp"

namespace assay::bench::micro {

std::optional<Roofs> roofs_now(std::size_t /*threads*/) { return std::nullopt; }

}  // namespace assay::bench::micro
