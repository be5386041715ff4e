// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How many samples in a row come from one launch of the process.
#pragma once

#include <cstddef>
#include <string>

#include "bench/result/result.hpp"

namespace assay::bench {

/// The setting "samples_per_launch"; 1 where it is not there. Throws Error, naming `file`, where it is no number.
[[nodiscard]] std::size_t samples_per_launch(const Result& result, const std::string& file);

}  // namespace assay::bench
