// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/conv.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/conv.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "optimized/ops/activation.hpp"
#include "optimized/ops/vectors_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

/// Row `index` of history and u, one after the other.
HWY_INLINE const float* input_row(Rows<const float> u, Rows<const float> history, std::size_t index) {
  return index < history.count ? history[index] : u[index - history.count];
}

/// Whether the activation is part of the sum, which only silu is, or comes after it.
enum class Fused { silu, nothing };

template <Fused fused, class D, class V>
HWY_INLINE V finished(D d, V sum) {
  if constexpr (fused == Fused::silu) return silu(d, sum);
  return sum;
}

/// Token `token` of channels first to last - 1.
template <Fused fused>
void conv_run(Rows<const float> u, Rows<const float> history, const float* taps, const float* bias, Rows<float> out,
              std::size_t token, std::size_t first, std::size_t last) {
  const std::size_t channels = u.width;
  float* result = out[token];
  for_each_vector(hn::ScalableTag<float>(), first, last, [&](auto d, std::size_t i) {
    auto sum = bias == nullptr ? hn::Zero(d) : hn::LoadU(d, bias + i);
    for (std::size_t j = 0; j < history.count; ++j) {
      const float* row = input_row(u, history, token + 1 + j);
      sum = hn::MulAdd(hn::LoadU(d, row + i), hn::LoadU(d, taps + j * channels + i), sum);
    }
    hn::StoreU(finished<fused>(d, sum), d, result + i);
  });
}

/// The same for the K = 4 of every published model: the rows are found once.
template <Fused fused>
void conv_run_of_4(Rows<const float> u, Rows<const float> history, const float* taps, const float* bias,
                   Rows<float> out, std::size_t token, std::size_t first, std::size_t last) {
  const std::size_t channels = u.width;
  const float* row0 = input_row(u, history, token + 1);
  const float* row1 = input_row(u, history, token + 2);
  const float* row2 = input_row(u, history, token + 3);
  const float* row3 = input_row(u, history, token + 4);
  float* result = out[token];
  for_each_vector(hn::ScalableTag<float>(), first, last, [&](auto d, std::size_t i) {
    auto sum = bias == nullptr ? hn::Zero(d) : hn::LoadU(d, bias + i);
    sum = hn::MulAdd(hn::LoadU(d, row0 + i), hn::LoadU(d, taps + i), sum);
    sum = hn::MulAdd(hn::LoadU(d, row1 + i), hn::LoadU(d, taps + channels + i), sum);
    sum = hn::MulAdd(hn::LoadU(d, row2 + i), hn::LoadU(d, taps + 2 * channels + i), sum);
    sum = hn::MulAdd(hn::LoadU(d, row3 + i), hn::LoadU(d, taps + 3 * channels + i), sum);
    hn::StoreU(finished<fused>(d, sum), d, result + i);
  });
}

/// Work items in order: all tokens of the first tile of channels, then all of the next.
template <Fused fused>
void conv_items(Rows<const float> u, Rows<const float> history, const float* taps, const float* bias,
                const ActivationFunction& act, Rows<float> out, std::size_t tile_channels, Range items) {
  const auto run = history.count == 4 ? conv_run_of_4<fused> : conv_run<fused>;
  for (std::size_t item = items.first; item < items.last; ++item) {
    const std::size_t first = item / u.count * tile_channels;
    const std::size_t last = std::min(first + tile_channels, u.width);
    run(u, history, taps, bias, out, item % u.count, first, last);
    if constexpr (fused == Fused::nothing) optimized::activate(act, out[item % u.count] + first, last - first);
  }
}

void conv_and_silu(Rows<const float> u, Rows<const float> history, const float* taps, const float* bias,
                   const ActivationFunction& act, Rows<float> out, std::size_t tile_channels, Range items) {
  conv_items<Fused::silu>(u, history, taps, bias, act, out, tile_channels, items);
}

void conv_and_activate(Rows<const float> u, Rows<const float> history, const float* taps, const float* bias,
                       const ActivationFunction& act, Rows<float> out, std::size_t tile_channels, Range items) {
  conv_items<Fused::nothing>(u, history, taps, bias, act, out, tile_channels, items);
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(conv_and_silu);
HWY_EXPORT(conv_and_activate);

void causal_conv(Rows<const float> u, Rows<const float> history, const float* taps, const float* bias,
                 const ActivationFunction& act, Rows<float> out, const Threads& threads) {
  constexpr std::size_t worthwhile_items = 12;  // about 5 microseconds
  constexpr std::size_t tile_channels = 512;    // their taps, bias and K + 1 rows fit in the first cache
  const std::size_t tiles = (u.width + tile_channels - 1) / tile_channels;
  const bool silu = act.kind == Activation::silu || act.kind == Activation::swish;
  threads.split(tiles * u.count, worthwhile_items, [&](Range items) {
    if (silu) {
      HWY_DYNAMIC_DISPATCH(conv_and_silu)(u, history, taps, bias, act, out, tile_channels, items);
    } else {
      HWY_DYNAMIC_DISPATCH(conv_and_activate)(u, history, taps, bias, act, out, tile_channels, items);
    }
  });
}

void update_conv_history(Rows<const float> u, Rows<float> history) {
  const std::size_t columns = history.count;
  const std::size_t kept = columns - std::min(columns, u.count);
  for (std::size_t j = 0; j < columns; ++j) {
    const float* from = j < kept ? history[j + u.count] : u[j + u.count - columns];
    std::copy_n(from, history.width, history[j]);
  }
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
