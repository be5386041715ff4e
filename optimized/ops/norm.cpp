// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/norm.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/norm.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <cmath>

#include "optimized/ops/grain.hpp"
#include "optimized/ops/vectors_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

/// The sum of term(x[i]) in double. Four accumulators, so that one addition need not wait for the one before.
template <class Term>
HWY_INLINE double sum_of(const float* x, std::size_t count, const Term& term) {
  const hn::ScalableTag<double> d;
  const hn::CappedTag<double, 1> single;
  const auto term_at = [&](auto wide, std::size_t i) {
    const hn::Rebind<float, decltype(wide)> narrow;
    return term(wide, hn::PromoteTo(wide, hn::LoadU(narrow, x + i)));
  };
  const std::size_t lanes = hn::Lanes(d);
  auto sum0 = hn::Zero(d);
  auto sum1 = hn::Zero(d);
  auto sum2 = hn::Zero(d);
  auto sum3 = hn::Zero(d);
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    sum0 = hn::Add(sum0, term_at(d, i));
    sum1 = hn::Add(sum1, term_at(d, i + lanes));
    sum2 = hn::Add(sum2, term_at(d, i + 2 * lanes));
    sum3 = hn::Add(sum3, term_at(d, i + 3 * lanes));
  }
  for (; i + lanes <= count; i += lanes) sum0 = hn::Add(sum0, term_at(d, i));
  double sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
  for (; i < count; ++i) sum += hn::GetLane(term_at(single, i));
  return sum;
}

/// y = w * (x / sqrt(mean(x^2) + eps)) of one row.
HWY_INLINE void normalise(const float* x, const float* weight, std::size_t width, double eps, float* y) {
  const double squares = sum_of(x, width, [](auto, auto value) { return hn::Mul(value, value); });
  const auto scale = static_cast<float>(1.0 / std::sqrt(squares / static_cast<double>(width) + eps));
  for_each_vector(hn::ScalableTag<float>(), 0, width, [&](auto d, std::size_t i) {
    const auto normed = hn::Mul(hn::LoadU(d, x + i), hn::Set(d, scale));
    hn::StoreU(hn::Mul(hn::LoadU(d, weight + i), normed), d, y + i);
  });
}

void rms_norm_rows(Rows<const float> x, const float* weight, double eps, Rows<float> y) {
  for (std::size_t token = 0; token < x.count; ++token) normalise(x[token], weight, x.width, eps, y[token]);
}

void layer_norm_rows(Rows<const float> x, const float* weight, const float* bias, double eps, Rows<float> y) {
  const auto width = static_cast<double>(x.width);
  for (std::size_t token = 0; token < x.count; ++token) {
    const float* in = x[token];
    float* out = y[token];
    const double mean = sum_of(in, x.width, [](auto, auto value) { return value; }) / width;
    const double squares = sum_of(in, x.width, [&](auto d, auto value) {
      const auto centred = hn::Sub(value, hn::Set(d, mean));
      return hn::Mul(centred, centred);
    });
    const double scale = 1.0 / std::sqrt(squares / width + eps);
    // In double to the end: where the mean is large, x - mean in float32 keeps few digits.
    for_each_vector(hn::ScalableTag<double>(), 0, x.width, [&](auto d, std::size_t i) {
      const hn::Rebind<float, decltype(d)> narrow;
      const auto wide = [&](const float* from) { return hn::PromoteTo(d, hn::LoadU(narrow, from + i)); };
      const auto normed = hn::Mul(hn::Sub(wide(in), hn::Set(d, mean)), hn::Set(d, scale));
      hn::StoreU(hn::DemoteTo(narrow, hn::MulAdd(normed, wide(weight), wide(bias))), narrow, out + i);
    });
  }
}

void gated_rms_norm_rows(Rows<const float> x, Rows<const float> gate, const float* weight, std::size_t groups,
                         double eps, Rows<float> y) {
  const std::size_t width = x.width / groups;
  for (std::size_t token = 0; token < x.count; ++token) {
    for (std::size_t first = 0; first < x.width; first += width) {
      const float* in = x[token] + first;
      const float* gates = gate[token] + first;
      float* out = y[token] + first;
      for_each_vector(hn::ScalableTag<float>(), 0, width, [&](auto d, std::size_t i) {
        hn::StoreU(hn::Mul(hn::LoadU(d, in + i), silu(d, hn::LoadU(d, gates + i))), d, out + i);
      });
      normalise(out, weight + first, width, eps, out);
    }
  }
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(rms_norm_rows);
HWY_EXPORT(layer_norm_rows);
HWY_EXPORT(gated_rms_norm_rows);

void rms_norm(Rows<const float> x, std::span<const float> weight, double eps, Rows<float> y, const Threads& threads) {
  threads.split(x.count, rows_worth_threads(2 * x.width), [&](Range tokens) {
    HWY_DYNAMIC_DISPATCH(rms_norm_rows)
    (x.part(tokens.first, tokens.count()), weight.data(), eps, y.part(tokens.first, tokens.count()));
  });
}

void layer_norm(Rows<const float> x, std::span<const float> weight, std::span<const float> bias, double eps,
                Rows<float> y, const Threads& threads) {
  threads.split(x.count, rows_worth_threads(4 * x.width), [&](Range tokens) {
    HWY_DYNAMIC_DISPATCH(layer_norm_rows)
    (x.part(tokens.first, tokens.count()), weight.data(), bias.data(), eps, y.part(tokens.first, tokens.count()));
  });
}

void gated_rms_norm(Rows<const float> x, Rows<const float> gate, std::span<const float> weight, std::size_t groups,
                    double eps, Rows<float> y, const Threads& threads) {
  threads.split(x.count, rows_worth_threads(8 * x.width), [&](Range tokens) {
    HWY_DYNAMIC_DISPATCH(gated_rms_norm_rows)
    (x.part(tokens.first, tokens.count()), gate.part(tokens.first, tokens.count()), weight.data(), groups, eps,
     y.part(tokens.first, tokens.count()));
  });
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
