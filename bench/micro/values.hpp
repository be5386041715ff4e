// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Operands made up from a counter: the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/tensor_source.hpp"

namespace assay::bench::micro {

/// Uniform in [-1, 1).
void fill(std::span<float> values, std::uint64_t seed);

/// A stored bfloat16 matrix, uniform in [-scale, scale) where scale is the power of two next to 1 / sqrt(columns), so
/// that products stay near 1.
class StoredMatrix {
 public:
  StoredMatrix(std::size_t rows, std::size_t columns, std::uint64_t seed);
  StoredMatrix(const StoredMatrix&) = delete;
  StoredMatrix& operator=(const StoredMatrix&) = delete;

  [[nodiscard]] const StoredTensor& tensor() const { return tensor_; }

 private:
  std::vector<std::uint16_t> bits_;
  StoredTensor tensor_;
};

/// The experts of `tokens` tokens, `each` different ones a token.
[[nodiscard]] std::vector<std::int64_t> random_experts(std::size_t tokens, std::size_t each, std::size_t experts,
                                                       std::uint64_t seed);

/// The number of experts that are chosen at least once.
[[nodiscard]] std::size_t busy_experts(std::span<const std::int64_t> chosen);

}  // namespace assay::bench::micro
