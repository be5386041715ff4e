// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Stored weights as the scalar engine reads them: a row at a time, widened when it is needed, so that a checkpoint
// larger than memory can run.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/config/manifest.hpp"
#include "model/tensor_source.hpp"

namespace assay::reference {

/// A stored tensor seen as rows; leading axes are flattened: an [E, 2I, D] tensor has E * 2I rows of D.
struct WeightMatrix {
  DType dtype = DType::f32;
  const std::byte* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
};

[[nodiscard]] WeightMatrix weight_matrix(const Weights& weights, const std::string& name);

/// Nothing where `present` says that the model has no such tensor.
[[nodiscard]] std::optional<WeightMatrix> weight_matrix_if(bool present, const Weights& weights,
                                                           const std::string& name);

/// `count` rows from `first` on.
[[nodiscard]] WeightMatrix rows_of(const WeightMatrix& matrix, std::size_t first, std::size_t count);

/// Widens (a stored float64 is rounded where T is float, as loading in float32 does) one row into `out`, [columns].
template <class T>
void read_row(const WeightMatrix& matrix, std::size_t row, std::span<T> out);

/// A tensor of one axis, whole.
template <class T>
[[nodiscard]] std::vector<T> read_vector(const WeightMatrix& matrix);

}  // namespace assay::reference
