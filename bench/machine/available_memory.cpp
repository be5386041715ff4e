// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/machine/available_memory.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "bench/machine/system_file.hpp"

namespace assay::bench {

std::size_t available_bytes(const std::filesystem::path& root) {
  constexpr std::string_view key = "MemAvailable:";
  const std::string text = system_file(root / "proc/meminfo");
  const std::size_t place = text.find(key);
  if (place == std::string::npos) return SIZE_MAX;
  return std::strtoull(text.c_str() + place + key.size(), nullptr, 10) * 1024;
}

}  // namespace assay::bench
