// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/rope.hpp"

#include <cmath>

#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
void rope_table(View<const std::int64_t, 2> positions, View<const float, 1> inv_freq, double attention_factor,
                View<T, 3> cos, View<T, 3> sin) {
  const std::size_t half = inv_freq.extent(0);
  for (std::size_t b = 0; b < positions.extent(0); ++b) {
    for (std::size_t l = 0; l < positions.extent(1); ++l) {
      for (std::size_t i = 0; i < half; ++i) {
        const float angle = static_cast<float>(positions(b, l)) * inv_freq[i];
        const T c = narrow<T>(std::cos(static_cast<double>(angle)) * attention_factor);
        const T s = narrow<T>(std::sin(static_cast<double>(angle)) * attention_factor);
        cos(b, l, i) = c;
        cos(b, l, half + i) = c;
        sin(b, l, i) = s;
        sin(b, l, half + i) = s;
      }
    }
  }
}

template <class T>
void apply_rope(View<const T, 4> x, View<const T, 3> cos, View<const T, 3> sin, View<T, 4> rotated) {
  const std::size_t half = x.extent(3) / 2;
  for (std::size_t b = 0; b < x.extent(0); ++b) {
    const std::size_t row = cos.extent(0) == 1 ? 0 : b;
    for (std::size_t head = 0; head < x.extent(1); ++head) {
      for (std::size_t l = 0; l < x.extent(2); ++l) {
        const View<const T, 1> in = x[b][head][l];
        const View<T, 1> out = rotated[b][head][l];
        for (std::size_t i = 0; i < half; ++i) {
          const Wide<T> first = widen(in[i]);
          const Wide<T> second = widen(in[half + i]);
          out[i] = narrow<T>(first * widen(cos(row, l, i)) - second * widen(sin(row, l, i)));
          out[half + i] = narrow<T>(second * widen(cos(row, l, half + i)) + first * widen(sin(row, l, half + i)));
        }
      }
    }
  }
}

template void rope_table<float>(View<const std::int64_t, 2>, View<const float, 1>, double, View<float, 3>,
                                View<float, 3>);
template void rope_table<double>(View<const std::int64_t, 2>, View<const float, 1>, double, View<double, 3>,
                                 View<double, 3>);
template void rope_table<Gauged>(View<const std::int64_t, 2>, View<const float, 1>, double, View<Gauged, 3>,
                                 View<Gauged, 3>);
template void apply_rope<float>(View<const float, 4>, View<const float, 3>, View<const float, 3>, View<float, 4>);
template void apply_rope<double>(View<const double, 4>, View<const double, 3>, View<const double, 3>, View<double, 4>);
template void apply_rope<Gauged>(View<const Gauged, 4>, View<const Gauged, 3>, View<const Gauged, 3>, View<Gauged, 4>);

}  // namespace assay::reference
