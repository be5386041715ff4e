// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/norm.hpp"

#include <vector>

#include "reference/ops/activation.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
void rms_norm(View<const T, 2> x, const WeightMatrix& weight, double eps, View<T, 2> y) {
  const std::vector<T> scale = read_vector<T>(weight);
  const std::size_t width = x.extent(1);
  for (std::size_t token = 0; token < x.extent(0); ++token) {
    Wide<T> squares = 0.0;
    for (std::size_t i = 0; i < width; ++i) squares += widen(x(token, i)) * widen(x(token, i));
    const Wide<T> inverse = 1.0 / sqrt(squares / static_cast<double>(width) + eps);
    for (std::size_t i = 0; i < width; ++i) {
      y(token, i) = narrow<T>(widen(scale[i]) * (widen(x(token, i)) * inverse));
    }
  }
}

template <class T>
void layer_norm(View<const T, 2> x, const WeightMatrix& weight, const WeightMatrix& bias, double eps, View<T, 2> y) {
  const std::vector<T> scale = read_vector<T>(weight);
  const std::vector<T> offset = read_vector<T>(bias);
  const std::size_t width = x.extent(1);
  for (std::size_t token = 0; token < x.extent(0); ++token) {
    Wide<T> sum = 0.0;
    for (std::size_t i = 0; i < width; ++i) sum += widen(x(token, i));
    const Wide<T> mean = sum / static_cast<double>(width);
    Wide<T> squares = 0.0;
    for (std::size_t i = 0; i < width; ++i) {
      const Wide<T> centred = widen(x(token, i)) - mean;
      squares += centred * centred;
    }
    const Wide<T> inverse = 1.0 / sqrt(squares / static_cast<double>(width) + eps);
    for (std::size_t i = 0; i < width; ++i) {
      const Wide<T> normed = (widen(x(token, i)) - mean) * inverse;
      y(token, i) = narrow<T>(normed * widen(scale[i]) + widen(offset[i]));
    }
  }
}

template <class T>
void gated_rms_norm(View<const T, 2> x, View<const T, 2> gate, const WeightMatrix& weight, std::size_t groups,
                    double eps, View<T, 2> y) {
  const std::vector<T> scale = read_vector<T>(weight);
  const std::size_t width = x.extent(1) / groups;
  std::vector<Wide<T>> gated(width);
  for (std::size_t token = 0; token < x.extent(0); ++token) {
    for (std::size_t group = 0; group < groups; ++group) {
      Wide<T> squares = 0.0;
      for (std::size_t i = 0; i < width; ++i) {
        const std::size_t channel = group * width + i;
        gated[i] = widen(x(token, channel)) * silu(widen(gate(token, channel)));
        squares += gated[i] * gated[i];
      }
      const Wide<T> inverse = 1.0 / sqrt(squares / static_cast<double>(width) + eps);
      for (std::size_t i = 0; i < width; ++i) {
        const std::size_t channel = group * width + i;
        y(token, channel) = narrow<T>(widen(scale[channel]) * (gated[i] * inverse));
      }
    }
  }
}

template void rms_norm<float>(View<const float, 2>, const WeightMatrix&, double, View<float, 2>);
template void rms_norm<double>(View<const double, 2>, const WeightMatrix&, double, View<double, 2>);
template void rms_norm<Gauged>(View<const Gauged, 2>, const WeightMatrix&, double, View<Gauged, 2>);
template void layer_norm<float>(View<const float, 2>, const WeightMatrix&, const WeightMatrix&, double, View<float, 2>);
template void layer_norm<double>(View<const double, 2>, const WeightMatrix&, const WeightMatrix&, double,
                                 View<double, 2>);
template void layer_norm<Gauged>(View<const Gauged, 2>, const WeightMatrix&, const WeightMatrix&, double,
                                 View<Gauged, 2>);
template void gated_rms_norm<float>(View<const float, 2>, View<const float, 2>, const WeightMatrix&, std::size_t,
                                    double, View<float, 2>);
template void gated_rms_norm<double>(View<const double, 2>, View<const double, 2>, const WeightMatrix&, std::size_t,
                                     double, View<double, 2>);
template void gated_rms_norm<Gauged>(View<const Gauged, 2>, View<const Gauged, 2>, const WeightMatrix&, std::size_t,
                                     double, View<Gauged, 2>);

}  // namespace assay::reference
