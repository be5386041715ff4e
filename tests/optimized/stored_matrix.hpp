// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Weight matrices for tests of the packed products.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "optimized/blis/weight_packer.hpp"
#include "tests/optimized/guarded_rows.hpp"
#include "tests/optimized/stored_tensor.hpp"

namespace assay::test {

/// The nearest float towards zero that bfloat16 holds.
[[nodiscard]] inline float cut_to_bf16(float value) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & 0xFFFF0000U);
}

/// Random weights [outputs, inputs] that bfloat16 holds exactly, stored as float32 at an odd address.
class StoredMatrix {
 public:
  StoredMatrix(std::size_t outputs, std::size_t inputs, unsigned seed)
      : inputs_(inputs), values_(exact(outputs * inputs, seed)), stored_(DType::f32, {outputs, inputs}, values_) {
    tensor_ = stored_.tensor();
  }
  StoredMatrix(const StoredMatrix&) = delete;
  StoredMatrix& operator=(const StoredMatrix&) = delete;

  [[nodiscard]] optimized::blis::StoredRows rows() const { return optimized::blis::all_rows(tensor_, "w"); }
  [[nodiscard]] double at(std::size_t output, std::size_t input) const { return values_[output * inputs_ + input]; }

 private:
  static std::vector<float> exact(std::size_t count, unsigned seed) {
    std::vector<float> values = random_vector(count, seed);
    for (float& value : values) value = cut_to_bf16(value);
    return values;
  }

  std::size_t inputs_;
  std::vector<float> values_;
  OddlyStored stored_;
  StoredTensor tensor_;
};

}  // namespace assay::test
