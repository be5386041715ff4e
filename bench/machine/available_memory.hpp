// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the system still gives.
#pragma once

#include <cstddef>
#include <filesystem>

namespace assay::bench {

/// MemAvailable of `root`/proc/meminfo, bytes; the largest number where it is not there.
[[nodiscard]] std::size_t available_bytes(const std::filesystem::path& root = "/");

}  // namespace assay::bench
