// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/conv.hpp"

#include <vector>

#include "reference/ops/activation.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

/// Column `time` of the input of one channel; negative times are in the history.
template <class T>
T column(View<const T, 2> projected, std::size_t channel, View<const T, 1> history, std::ptrdiff_t time) {
  if (time >= 0) return projected(static_cast<std::size_t>(time), channel);
  const auto width = static_cast<std::ptrdiff_t>(history.extent(0));
  return history[static_cast<std::size_t>(width + time)];
}

}  // namespace

template <class T>
void causal_conv(View<const T, 2> projected, std::size_t first_channel, View<const T, 2> history,
                 const WeightMatrix& weight, const std::optional<WeightMatrix>& bias, const ActivationFunction& act,
                 View<T, 2> out) {
  const std::size_t channels = out.extent(1);
  const std::size_t width = history.extent(1);
  const std::vector<T> offsets = bias ? read_vector<T>(*bias) : std::vector<T>(channels, T{0});
  std::vector<T> taps(width);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    // Stored as [C, 1, K]: the rows of the flattened matrix are the channels.
    read_row<T>(weight, channel, taps);
    for (std::size_t t = 0; t < out.extent(0); ++t) {
      Wide<T> sum = widen(offsets[channel]);
      for (std::size_t j = 0; j < width; ++j) {
        const std::ptrdiff_t time = static_cast<std::ptrdiff_t>(t + j) - static_cast<std::ptrdiff_t>(width - 1);
        sum += widen(taps[j]) * widen(column(projected, first_channel + channel, history[channel], time));
      }
      out(t, channel) = narrow<T>(activate(act, sum));
    }
  }
}

template <class T>
void update_conv_state(View<const T, 2> projected, std::size_t first_channel, View<T, 2> state) {
  const std::size_t width = state.extent(1);
  const auto tokens = static_cast<std::ptrdiff_t>(projected.extent(0));
  std::vector<T> next(width);
  for (std::size_t channel = 0; channel < state.extent(0); ++channel) {
    for (std::size_t j = 0; j < width; ++j) {
      const std::ptrdiff_t time = tokens - static_cast<std::ptrdiff_t>(width) + static_cast<std::ptrdiff_t>(j);
      next[j] = column<T>(projected, first_channel + channel, state[channel], time);
    }
    for (std::size_t j = 0; j < width; ++j) state(channel, j) = next[j];
  }
}

template void causal_conv<float>(View<const float, 2>, std::size_t, View<const float, 2>, const WeightMatrix&,
                                 const std::optional<WeightMatrix>&, const ActivationFunction&, View<float, 2>);
template void causal_conv<double>(View<const double, 2>, std::size_t, View<const double, 2>, const WeightMatrix&,
                                  const std::optional<WeightMatrix>&, const ActivationFunction&, View<double, 2>);
template void causal_conv<Gauged>(View<const Gauged, 2>, std::size_t, View<const Gauged, 2>, const WeightMatrix&,
                                  const std::optional<WeightMatrix>&, const ActivationFunction&, View<Gauged, 2>);
template void update_conv_state<float>(View<const float, 2>, std::size_t, View<float, 2>);
template void update_conv_state<double>(View<const double, 2>, std::size_t, View<double, 2>);
template void update_conv_state<Gauged>(View<const Gauged, 2>, std::size_t, View<Gauged, 2>);

}  // namespace assay::reference
