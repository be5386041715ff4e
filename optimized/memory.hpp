// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How much memory this process may still take.
#pragma once

#include <cstddef>
#include <string>

namespace assay::optimized {

/// The least of what the system has (MemAvailable of /proc/meminfo), what its control group may take, and what is left
/// of the process's own limit on address space. The largest number where none of them can be read.
[[nodiscard]] std::size_t available_bytes();

/// "1.25 GiB"
[[nodiscard]] std::string gibibytes(std::size_t bytes);

}  // namespace assay::optimized
