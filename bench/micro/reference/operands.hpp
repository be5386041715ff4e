// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the cases of the reference engine have in common: tensors of random values, borrowed weights.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "bench/micro/values.hpp"
#include "model/tensor.hpp"
#include "reference/weight.hpp"

namespace assay::bench::micro::reference_cases {

template <std::size_t Rank>
[[nodiscard]] Tensor<float, Rank> random_tensor(const std::array<std::size_t, Rank>& extents, std::uint64_t seed) {
  Tensor<float, Rank> tensor(extents);
  fill(tensor.view().flat(), seed);
  return tensor;
}

[[nodiscard]] inline reference::WeightMatrix borrowed(const StoredMatrix& matrix) {
  const StoredTensor& tensor = matrix.tensor();
  return {tensor.dtype, tensor.bytes.data(), tensor.shape[0], tensor.shape[1]};
}

template <class T, std::size_t Rank>
[[nodiscard]] std::span<const std::byte> bytes_of(const Tensor<T, Rank>& tensor) {
  return std::as_bytes(tensor.view().flat());
}

}  // namespace assay::bench::micro::reference_cases
