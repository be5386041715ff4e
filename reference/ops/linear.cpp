// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/linear.hpp"

#include <cassert>

#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
void linear(View<const T, 2> x, const WeightMatrix& weight, const std::optional<WeightMatrix>& bias, View<T, 2> y) {
  assert(x.extent(1) == weight.columns && y.extent(1) == weight.rows && x.extent(0) == y.extent(0));
  const std::vector<T> offsets = bias ? read_vector<T>(*bias) : std::vector<T>(weight.rows, T{0});
  std::vector<T> row(weight.columns);
  for (std::size_t out = 0; out < weight.rows; ++out) {
    read_row<T>(weight, out, row);
    for (std::size_t token = 0; token < x.extent(0); ++token) {
      const View<const T, 1> input = x[token];
      Wide<T> sum = 0.0;
      for (std::size_t i = 0; i < row.size(); ++i) sum += widen(input[i]) * widen(row[i]);
      y(token, out) = narrow<T>(sum + widen(offsets[out]));
    }
  }
}

template void linear<float>(View<const float, 2>, const WeightMatrix&, const std::optional<WeightMatrix>&,
                            View<float, 2>);
template void linear<double>(View<const double, 2>, const WeightMatrix&, const std::optional<WeightMatrix>&,
                             View<double, 2>);
template void linear<Gauged>(View<const Gauged, 2>, const WeightMatrix&, const std::optional<WeightMatrix>&,
                             View<Gauged, 2>);

}  // namespace assay::reference
