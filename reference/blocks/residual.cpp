// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/residual.hpp"

#include <algorithm>

#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
Tensor<T, 3> embed(const Call& call, const WeightMatrix& embeddings, double multiplier) {
  Tensor<T, 3> x({call.batch(), call.length(), embeddings.columns});
  for (std::size_t b = 0; b < x.extent(0); ++b) {
    for (std::size_t l = 0; l < x.extent(1); ++l) {
      const std::span<T> row = x.view()[b][l].flat();
      if (call.inputs_embeds) {
        std::ranges::copy((*call.inputs_embeds)[b][l].flat(), row.begin());
      } else {
        read_row<T>(embeddings, static_cast<std::size_t>(call.input_ids(b, l)), row);
      }
      for (T& value : row) value = narrow<T>(widen(value) * multiplier);
    }
  }
  return x;
}

template <class T>
void add_branch(View<T, 3> x, View<const T, 3> branch, double multiplier) {
  const std::span<T> stream = x.flat();
  const std::span<const T> added = branch.flat();
  for (std::size_t i = 0; i < stream.size(); ++i) {
    stream[i] = narrow<T>(widen(stream[i]) + widen(added[i]) * multiplier);
  }
}

template Tensor<float, 3> embed<float>(const Call&, const WeightMatrix&, double);
template Tensor<double, 3> embed<double>(const Call&, const WeightMatrix&, double);
template Tensor<Gauged, 3> embed<Gauged>(const Call&, const WeightMatrix&, double);
template void add_branch<float>(View<float, 3>, View<const float, 3>, double);
template void add_branch<double>(View<double, 3>, View<const double, 3>, double);
template void add_branch<Gauged>(View<Gauged, 3>, View<const Gauged, 3>, double);

}  // namespace assay::reference
