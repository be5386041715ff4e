// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How large the caches are, for whoever must overflow them.
#pragma once

#include <cstddef>
#include <filesystem>

namespace assay::bench {

/// Bytes of all last-level caches of the machine together, as the kernel lists them for its processors under `root`/sys
/// (a guest's C library has only what the chip reports, which may be the caches of its host); where it lists none, what
/// the C library says; and where that knows nothing, 64 MiB.
[[nodiscard]] std::size_t last_level_cache_bytes(const std::filesystem::path& root = "/");

}  // namespace assay::bench
