// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blis/gemv.hpp"

// Highway compiles this file once for each target, by including it again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/blis/gemv.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::blis::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> load_weights(D d, const float* weights) {
  return hn::LoadU(d, weights);
}

template <class D>
HWY_INLINE hn::Vec<D> load_weights(D d, const std::uint16_t* weights) {
  const hn::Rebind<std::uint16_t, D> narrow;
  const hn::Rebind<std::uint32_t, D> bits;
  // A bfloat16 is the upper half of a float.
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(bits, hn::LoadU(narrow, weights))));
}

/// How far ahead of its use a panel is asked for. The hardware's own prefetcher stops at the end of each page.
constexpr std::size_t prefetch_bytes = 2048;

/// Inputs whose products are summed before they join the total: the error of a sum grows with the length of its chains,
/// and two short ones, one behind the other, cost nothing here.
constexpr std::size_t block_inputs = 128;

/// Adds the products of inputs first to last - 1 to `totals`: `Vectors` vectors of outputs at once for `Tokens` tokens,
/// in `Chains` independent sums each: a sum waits four cycles for its last addition, and the memory must not wait for
/// the sums.
template <std::size_t Tokens, std::size_t Vectors, std::size_t Chains, class D, class Weight>
HWY_INLINE void add_block(D d, const Weight* panel, std::size_t first, std::size_t last, std::size_t wide,
                          const float* const* x, hn::Vec<D> (&totals)[Tokens][Vectors]) {
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<D> sums[Chains][Tokens][Vectors];
  for (auto& chain : sums) {
    for (auto& token : chain) {
      for (auto& sum : token) sum = hn::Zero(d);
    }
  }
  std::size_t k = first;
  for (; k + Chains <= last; k += Chains) {
    for (std::size_t c = 0; c < Chains; ++c) {
      const Weight* row = panel + (k + c) * wide;
      hwy::Prefetch(reinterpret_cast<const char*>(row) + prefetch_bytes);
      for (std::size_t v = 0; v < Vectors; ++v) {
        const auto w = load_weights(d, row + v * lanes);
        for (std::size_t t = 0; t < Tokens; ++t) {
          sums[c][t][v] = hn::MulAdd(w, hn::Set(d, x[t][k + c]), sums[c][t][v]);
        }
      }
    }
  }
  for (; k < last; ++k) {
    for (std::size_t v = 0; v < Vectors; ++v) {
      const auto w = load_weights(d, panel + k * wide + v * lanes);
      for (std::size_t t = 0; t < Tokens; ++t) sums[0][t][v] = hn::MulAdd(w, hn::Set(d, x[t][k]), sums[0][t][v]);
    }
  }
  for (std::size_t t = 0; t < Tokens; ++t) {
    for (std::size_t v = 0; v < Vectors; ++v) {
      for (std::size_t c = 1; c < Chains; ++c) sums[0][t][v] = hn::Add(sums[0][t][v], sums[c][t][v]);
      totals[t][v] = hn::Add(totals[t][v], sums[0][t][v]);
    }
  }
}

template <std::size_t Tokens, std::size_t Vectors, std::size_t Chains, class D, class Weight>
HWY_INLINE void multiply(D d, const Weight* panel, std::size_t inputs, std::size_t wide, const float* const* x,
                         float* y) {
  hn::Vec<D> totals[Tokens][Vectors];
  for (auto& token : totals) {
    for (auto& total : token) total = hn::Zero(d);
  }
  for (std::size_t first = 0; first < inputs; first += block_inputs) {
    const std::size_t last = first + block_inputs < inputs ? first + block_inputs : inputs;
    add_block<Tokens, Vectors, Chains>(d, panel, first, last, wide, x, totals);
  }
  for (std::size_t t = 0; t < Tokens; ++t) {
    for (std::size_t v = 0; v < Vectors; ++v) hn::StoreU(totals[t][v], d, y + t * wide + v * hn::Lanes(d));
  }
}

template <std::size_t Tokens, std::size_t Chains, class D, class Weight>
void all_outputs(D d, const Weight* panel, std::size_t inputs, std::size_t wide, const float* const* x, float* y) {
  const std::size_t lanes = hn::Lanes(d);
  std::size_t first = 0;
  for (; first + 2 * lanes <= wide; first += 2 * lanes) {
    multiply<Tokens, 2, Chains>(d, panel + first, inputs, wide, x, y + first);
  }
  for (; first + lanes <= wide; first += lanes) {
    multiply<Tokens, 1, Chains>(d, panel + first, inputs, wide, x, y + first);
  }
}

template <class D, class Weight>
void any_tokens(D d, const Weight* panel, std::size_t inputs, std::size_t wide, const float* const* x,
                std::size_t tokens, float* y) {
  // Sums and weights of each case fit the sixteen vector registers of AVX2.
  switch (tokens) {
    case 1:
      return all_outputs<1, 4>(d, panel, inputs, wide, x, y);
    case 2:
      return all_outputs<2, 2>(d, panel, inputs, wide, x, y);
    case 3:
      return all_outputs<3, 1>(d, panel, inputs, wide, x, y);
    default:
      return all_outputs<4, 1>(d, panel, inputs, wide, x, y);
  }
}

/// Vectors as long as the processor has them, or shorter where a panel is not a whole number of them.
template <class Weight>
void gemv(const Weight* panel, std::size_t inputs, std::size_t wide, const float* const* x, std::size_t tokens,
          float* y) {
  const hn::ScalableTag<float> full;
  const hn::CappedTag<float, 4> quarter;
  const hn::CappedTag<float, 1> single;
  if (wide % hn::Lanes(full) == 0) return any_tokens(full, panel, inputs, wide, x, tokens, y);
  if (wide % hn::Lanes(quarter) == 0) return any_tokens(quarter, panel, inputs, wide, x, tokens, y);
  any_tokens(single, panel, inputs, wide, x, tokens, y);
}

void gemv_f32(const float* panel, std::size_t inputs, std::size_t wide, const float* const* x, std::size_t tokens,
              float* y) {
  gemv(panel, inputs, wide, x, tokens, y);
}

void gemv_bf16(const std::uint16_t* panel, std::size_t inputs, std::size_t wide, const float* const* x,
               std::size_t tokens, float* y) {
  gemv(panel, inputs, wide, x, tokens, y);
}

void widen(const std::uint16_t* narrow, std::size_t count, float* wide) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    const auto first = load_weights(d, narrow + i);
    const auto second = load_weights(d, narrow + i + lanes);
    const auto third = load_weights(d, narrow + i + 2 * lanes);
    const auto fourth = load_weights(d, narrow + i + 3 * lanes);
    hn::StoreU(first, d, wide + i);
    hn::StoreU(second, d, wide + i + lanes);
    hn::StoreU(third, d, wide + i + 2 * lanes);
    hn::StoreU(fourth, d, wide + i + 3 * lanes);
  }
  const hn::CappedTag<float, 1> single;
  for (; i < count; ++i) hn::StoreU(load_weights(single, narrow + i), single, wide + i);
}

}  // namespace assay::optimized::blis::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized::blis {

HWY_EXPORT(gemv_f32);
HWY_EXPORT(gemv_bf16);
HWY_EXPORT(widen);

void gemv_panel(const float* panel, std::size_t inputs, std::size_t wide, const float* const* x, std::size_t tokens,
                float* y) {
  HWY_DYNAMIC_DISPATCH(gemv_f32)(panel, inputs, wide, x, tokens, y);
}

void gemv_panel(const std::uint16_t* panel, std::size_t inputs, std::size_t wide, const float* const* x,
                std::size_t tokens, float* y) {
  HWY_DYNAMIC_DISPATCH(gemv_bf16)(panel, inputs, wide, x, tokens, y);
}

void widen_bf16(const std::uint16_t* narrow, std::size_t count, float* wide) {
  HWY_DYNAMIC_DISPATCH(widen)(narrow, count, wide);
}

}  // namespace assay::optimized::blis
#endif
