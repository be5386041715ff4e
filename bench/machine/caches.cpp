// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/machine/caches.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>

#include "bench/machine/system_file.hpp"

namespace assay::bench {
namespace {

/// Of "32768K" or "32M"; 0 of anything else.
std::size_t bytes_of(const std::string& text) {
  std::size_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, number);
  if (status != std::errc{} || rest == end) return 0;
  return *rest == 'K' ? number << 10U : *rest == 'M' ? number << 20U : 0;
}

/// Of all caches of the highest level; processors that share a cache list it each.
std::size_t listed_bytes(const std::filesystem::path& processors) {
  std::map<std::string, std::map<std::string, std::size_t>> levels;  // by level, then by the processors that share one
  for (std::size_t processor = 0;; ++processor) {
    const std::filesystem::path caches = processors / fmt::format("cpu{}", processor) / "cache";
    std::size_t index = 0;
    for (;; ++index) {
      const std::filesystem::path cache = caches / fmt::format("index{}", index);
      const std::string level = system_file(cache / "level");
      if (level.empty()) break;
      levels[level][system_file(cache / "shared_cpu_list")] = bytes_of(system_file(cache / "size"));
    }
    if (index == 0) break;
  }
  if (levels.empty()) return 0;
  std::size_t bytes = 0;
  for (const auto& [sharers, size] : levels.rbegin()->second) bytes += size;
  return bytes;
}

}  // namespace

std::size_t last_level_cache_bytes(const std::filesystem::path& root) {
  if (const std::size_t listed = listed_bytes(root / "sys/devices/system/cpu"); listed > 0) return listed;
  constexpr std::size_t assumed = std::size_t{64} << 20U;
  long largest = 0;
  for (const int level : {_SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE, _SC_LEVEL4_CACHE_SIZE}) {
    largest = std::max(largest, sysconf(level));
  }
  return largest > 0 ? static_cast<std::size_t>(largest) : assumed;
}

}  // namespace assay::bench
