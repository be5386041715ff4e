// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/norm.hpp"

#include <cmath>
#include <vector>

#include "reference/ops/activation.hpp"

namespace assay::reference {

template <class T>
void rms_norm(View<const T, 2> x, const WeightMatrix& weight, double eps, View<T, 2> y) {
  const std::vector<T> scale = read_vector<T>(weight);
  const std::size_t width = x.extent(1);
  for (std::size_t token = 0; token < x.extent(0); ++token) {
    double squares = 0.0;
    for (std::size_t i = 0; i < width; ++i)
      squares += static_cast<double>(x(token, i)) * static_cast<double>(x(token, i));
    const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(width) + eps);
    for (std::size_t i = 0; i < width; ++i) {
      y(token, i) = static_cast<T>(static_cast<double>(scale[i]) * (static_cast<double>(x(token, i)) * inverse));
    }
  }
}

template <class T>
void layer_norm(View<const T, 2> x, const WeightMatrix& weight, const WeightMatrix& bias, double eps, View<T, 2> y) {
  const std::vector<T> scale = read_vector<T>(weight);
  const std::vector<T> offset = read_vector<T>(bias);
  const std::size_t width = x.extent(1);
  for (std::size_t token = 0; token < x.extent(0); ++token) {
    double sum = 0.0;
    for (std::size_t i = 0; i < width; ++i) sum += static_cast<double>(x(token, i));
    const double mean = sum / static_cast<double>(width);
    double squares = 0.0;
    for (std::size_t i = 0; i < width; ++i) {
      const double centred = static_cast<double>(x(token, i)) - mean;
      squares += centred * centred;
    }
    const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(width) + eps);
    for (std::size_t i = 0; i < width; ++i) {
      const double normed = (static_cast<double>(x(token, i)) - mean) * inverse;
      y(token, i) = static_cast<T>(normed * static_cast<double>(scale[i]) + static_cast<double>(offset[i]));
    }
  }
}

template <class T>
void gated_rms_norm(View<const T, 2> x, View<const T, 2> gate, const WeightMatrix& weight, std::size_t groups,
                    double eps, View<T, 2> y) {
  const std::vector<T> scale = read_vector<T>(weight);
  const std::size_t width = x.extent(1) / groups;
  std::vector<double> gated(width);
  for (std::size_t token = 0; token < x.extent(0); ++token) {
    for (std::size_t group = 0; group < groups; ++group) {
      double squares = 0.0;
      for (std::size_t i = 0; i < width; ++i) {
        const std::size_t channel = group * width + i;
        gated[i] = static_cast<double>(x(token, channel)) * silu(static_cast<double>(gate(token, channel)));
        squares += gated[i] * gated[i];
      }
      const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(width) + eps);
      for (std::size_t i = 0; i < width; ++i) {
        const std::size_t channel = group * width + i;
        y(token, channel) = static_cast<T>(static_cast<double>(scale[channel]) * (gated[i] * inverse));
      }
    }
  }
}

template void rms_norm<float>(View<const float, 2>, const WeightMatrix&, double, View<float, 2>);
template void rms_norm<double>(View<const double, 2>, const WeightMatrix&, double, View<double, 2>);
template void layer_norm<float>(View<const float, 2>, const WeightMatrix&, const WeightMatrix&, double, View<float, 2>);
template void layer_norm<double>(View<const double, 2>, const WeightMatrix&, const WeightMatrix&, double,
                                 View<double, 2>);
template void gated_rms_norm<float>(View<const float, 2>, View<const float, 2>, const WeightMatrix&, std::size_t,
                                    double, View<float, 2>);
template void gated_rms_norm<double>(View<const double, 2>, View<const double, 2>, const WeightMatrix&, std::size_t,
                                     double, View<double, 2>);

}  // namespace assay::reference
