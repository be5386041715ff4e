// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/values.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "bench/synthetic/splitmix.hpp"

namespace assay::bench::micro {

void fill(std::span<float> values, std::uint64_t seed) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    constexpr unsigned unused_bits = 64 - 24;  // a float has 24
    values[i] = static_cast<float>(mixed(mixed(seed) + i) >> unused_bits) * 0x1p-23F - 1.0F;
  }
}

StoredMatrix::StoredMatrix(std::size_t rows, std::size_t columns, std::uint64_t seed) : bits_(rows * columns) {
  const int exponent = static_cast<int>(std::lround(-0.5 * std::log2(static_cast<double>(columns))));
  std::vector<std::uint16_t> table(256);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const float value = std::ldexp((static_cast<float>(i) - 128.0F) / 128.0F, exponent);  // exact in bfloat16
    table[i] = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16U);
  }
  for (std::size_t i = 0; i < bits_.size(); i += 8) {
    std::uint64_t random = mixed(mixed(seed) + i);
    for (std::size_t j = i; j < std::min(i + 8, bits_.size()); ++j) {
      bits_[j] = table[random % 256];
      random /= 256;
    }
  }
  tensor_ = {DType::bf16, {rows, columns}, std::as_bytes(std::span(bits_)), "made up", false};
}

std::vector<std::int64_t> random_experts(std::size_t tokens, std::size_t each, std::size_t experts,
                                         std::uint64_t seed) {
  std::vector<std::int64_t> chosen;
  for (std::size_t token = 0; token < tokens; ++token) {
    const std::size_t first = chosen.size();
    for (std::uint64_t i = 0; chosen.size() < first + each; ++i) {
      const auto expert = static_cast<std::int64_t>(mixed(mixed(seed + token) + i) % experts);
      const auto own = chosen.begin() + static_cast<std::ptrdiff_t>(first);
      if (std::find(own, chosen.end(), expert) == chosen.end()) chosen.push_back(expert);
    }
  }
  return chosen;
}

std::size_t busy_experts(std::span<const std::int64_t> chosen) { return std::set(chosen.begin(), chosen.end()).size(); }

}  // namespace assay::bench::micro
