// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/tolerance.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "golden/judge/metrics.hpp"

namespace assay::golden {
namespace {

/// One unit in the last place of a float32 of magnitude 1.
constexpr double f32_epsilon = 0x1p-23;

Limits relative(double tolerance, std::span<const double> expected) {
  return {tolerance * norm_l2(expected), tolerance * norm_max(expected), 0.0};
}

}  // namespace

ModelSize model_size(const Tolerances& table, std::size_t parameters) {
  return parameters > table.small_parameters ? ModelSize::published : ModelSize::small;
}

Limits limits_f64(const Tolerances& table, ModelSize size, std::span<const double> expected) {
  return relative(size == ModelSize::small ? table.f64_small : table.f64_published, expected);
}

Limits limits_f32(const Tolerances& table, std::span<const double> expected, std::span<const double> hf32,
                  const std::optional<PooledYardstick>& pooled) {
  std::vector<double> noise(expected.size());
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = hf32[i] - expected[i];
  const double samples = pooled ? pooled->rows : static_cast<double>(noise.size());
  const double sample = sample_factor(table, samples);
  const Limits floor = limits_of_rounding(table, expected);
  const Limits known = relative(pooled ? pooled->noise : 0.0, expected);
  const Limits ceiling = relative(table.f32_ceiling, expected);
  const double l2 = table.noise_ratio_l2 * sample * std::max(norm_l2(noise), known.l2);
  const double max_abs = table.noise_ratio_max * sample * std::max(norm_max(noise), known.max_abs);
  return {std::clamp(l2, floor.l2, ceiling.l2), std::clamp(max_abs, floor.max_abs, ceiling.max_abs), 0.0};
}

double sample_factor(const Tolerances& table, double samples) {
  return 1.0 + table.small_sample / std::sqrt(std::max(1.0, samples));
}

double unit_roundoff(Precision precision) {
  switch (precision) {
    case Precision::f32:
      return 0x1p-24;
    case Precision::f64:
      return 0x1p-53;
    case Precision::bf16:
      return 0x1p-8;
  }
  return 0.0;
}

Limits limits_gated(const Tolerances& table, std::span<const double> expected, const Gated& gated) {
  const double sample = sample_factor(table, gated.samples);
  const Limits floor = relative(table.floor_ulps * 2.0 * unit_roundoff(gated.precision), expected);
  const Limits ceiling =
      relative(gated.precision == Precision::bf16 ? table.bf16_ceiling : table.f32_ceiling, expected);
  return {std::clamp(gated.gate_l2 * sample * gated.noise_l2, floor.l2, ceiling.l2),
          std::clamp(gated.gate_max * sample * gated.noise_max, floor.max_abs, ceiling.max_abs), 0.0};
}

Limits limits_of_rounding(const Tolerances& table, std::span<const double> expected) {
  return relative(table.floor_ulps * f32_epsilon, expected);
}

Limits limits_without_truth(const Tolerances& table, std::span<const double> expected) {
  return relative(table.without_truth, expected);
}

Limits limits_constant(const Tolerances& table, std::span<const double> expected) {
  return relative(table.constant_ulps * f32_epsilon, expected);
}

std::optional<std::size_t> first_wrong_constant(const Tolerances& table, std::span<const double> expected,
                                                std::span<const double> actual) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double limit = table.constant_own_ulps * f32_epsilon * std::abs(expected[i]);
    if (!(std::abs(actual[i] - expected[i]) <= limit)) return i;
  }
  return std::nullopt;
}

}  // namespace assay::golden
