// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/rope_frequencies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "model/error.hpp"

namespace assay::optimized {
namespace {

constexpr double two_pi = 2.0 * std::numbers::pi;

/// theta^(2i/d) in float32: torch rounds a number to the type of the tensor beside it, here the base.
void fill_powers(double theta, std::span<float> power) {
  const auto base = static_cast<double>(static_cast<float>(theta));
  const auto head_dim = static_cast<float>(2 * power.size());
  for (std::size_t i = 0; i < power.size(); ++i) {
    const float exponent = static_cast<float>(2 * i) / head_dim;
    power[i] = static_cast<float>(std::pow(base, static_cast<double>(exponent)));
  }
}

void divide(std::span<float> values, double divisor) {
  const auto narrow = static_cast<float>(divisor);
  for (float& value : values) value /= narrow;
}

/// The base that stands for theta in a sequence of `seq` positions: a number of Python without a length, else a tensor
/// of float32.
double dynamic_base(const RopeConfig& rope, std::size_t max_position_embeddings, std::optional<std::int64_t> seq,
                    std::size_t head_dim) {
  if (head_dim == 2) throw Error("head_dim: expected 4 or more with rope type dynamic, found 2");
  const double power = static_cast<double>(head_dim) / static_cast<double>(head_dim - 2);
  const double factor = *rope.factor;
  if (!seq) {
    const auto length = static_cast<double>(max_position_embeddings);
    return rope.rope_theta * std::pow(factor * length / length - (factor - 1.0), power);
  }
  const auto own = static_cast<std::int64_t>(max_position_embeddings);
  float stretch = static_cast<float>(factor) * static_cast<float>(std::max(*seq, own));
  stretch /= static_cast<float>(own);
  stretch -= static_cast<float>(factor - 1.0);
  // The one step in double: torch::pow(Tensor, Scalar) of a tensor without axes.
  const auto raised = static_cast<float>(std::pow(static_cast<double>(stretch), power));
  return static_cast<double>(static_cast<float>(rope.rope_theta) * raised);
}

/// Where a wavelength that fits `rotations` times into the original length would stand among the pairs.
double correction_dim(const RopeConfig& rope, double rotations, double head_dim) {
  const double turns = *rope.original_max_position_embeddings / (rotations * 2.0 * std::numbers::pi);
  const double place = (head_dim * std::log(turns)) / (2.0 * std::log(rope.rope_theta));
  if (std::isfinite(place)) return place;
  throw Error(fmt::format("rope type yarn: expected a finite place of beta {} (rope_theta {}), found {}", rotations,
                          rope.rope_theta, place));
}

/// From powers to frequencies, part of which are divided by the factor.
void yarn(const RopeConfig& rope, double factor, std::span<float> values) {
  const auto head_dim = static_cast<double>(2 * values.size());
  double low = correction_dim(rope, rope.beta_fast.value_or(32.0), head_dim);
  double high = correction_dim(rope, rope.beta_slow.value_or(1.0), head_dim);
  if (rope.truncate.value_or(true)) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, head_dim - 1.0);
  if (low == high) high += 0.001;

  const auto first = static_cast<float>(low);
  const auto width = static_cast<float>(high - low);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float ramp = std::min(std::max((static_cast<float>(i) - first) / width, 0.0F), 1.0F);
    const float own_share = 1.0F - ramp;
    const float own = 1.0F / values[i];
    const float stretched = 1.0F / (static_cast<float>(factor) * values[i]);
    values[i] = stretched * (1.0F - own_share) + own * own_share;
  }
}

double yarn_factor(const RopeConfig& rope, double factor) {
  if (rope.attention_factor) return *rope.attention_factor;
  const auto mscale = [factor](double weight) { return factor <= 1.0 ? 1.0 : 0.1 * weight * std::log(factor) + 1.0; };
  const bool both = rope.mscale.value_or(0.0) != 0.0 && rope.mscale_all_dim.value_or(0.0) != 0.0;
  return both ? mscale(*rope.mscale) / mscale(*rope.mscale_all_dim) : mscale(1.0);
}

double longrope_factor(const RopeConfig& rope, double factor) {
  if (rope.attention_factor) return *rope.attention_factor;
  return factor <= 1.0 ? 1.0 : std::sqrt(1.0 + std::log(factor) / std::log(*rope.original_max_position_embeddings));
}

/// From powers to frequencies: those of wavelengths above O / low are divided by the factor, those below O / high stay,
/// between them lies a straight line. torch divides a number by a tensor as the product with its reciprocal.
void llama3(const RopeConfig& rope, std::span<float> values) {
  const double low = *rope.low_freq_factor;
  const double high = *rope.high_freq_factor;
  if (low == 0.0 || high == 0.0)
    throw Error("rope type llama3: expected low_freq_factor and high_freq_factor, found 0");
  const double original = *rope.original_max_position_embeddings;
  const auto upper = static_cast<float>(original / low);
  const auto lower = static_cast<float>(original / high);
  const auto factor = static_cast<float>(*rope.factor);
  for (float& value : values) {
    value = 1.0F / value;
    const float wavelength = (1.0F / value) * static_cast<float>(two_pi);
    const bool is_long = wavelength > upper;
    if (is_long) value /= factor;
    if (is_long || wavelength < lower) continue;
    const float rotations = (1.0F / wavelength) * static_cast<float>(original);
    const float share = (rotations - static_cast<float>(low)) / static_cast<float>(high - low);
    const float stretched = (1.0F - share) * value / factor;
    value = stretched + share * value;
  }
}

/// M / O, where the dictionary has no factor of its own.
double factor_or_ratio(const RopeConfig& rope, std::size_t max_position_embeddings) {
  if (rope.factor) return *rope.factor;
  return static_cast<double>(max_position_embeddings) / *rope.original_max_position_embeddings;
}

double compute(const RopeConfig& rope, std::size_t max_position_embeddings, std::optional<std::int64_t> seq,
               std::span<float> inv_freq) {
  const std::size_t pairs = inv_freq.size();
  switch (rope.type) {
    case RopeType::default_type:
      default_inv_freq(rope.rope_theta, inv_freq);
      return 1.0;
    case RopeType::linear:
      default_inv_freq(rope.rope_theta, inv_freq);
      divide(inv_freq, *rope.factor);
      return 1.0;
    case RopeType::dynamic:
      default_inv_freq(dynamic_base(rope, max_position_embeddings, seq, 2 * pairs), inv_freq);
      return 1.0;
    case RopeType::yarn: {
      const double factor = factor_or_ratio(rope, max_position_embeddings);
      fill_powers(rope.rope_theta, inv_freq);
      yarn(rope, factor, inv_freq);
      return yarn_factor(rope, factor);
    }
    case RopeType::longrope: {
      const bool is_long = seq && static_cast<double>(*seq) > *rope.original_max_position_embeddings;
      const std::span<const double> factors = is_long ? rope.long_factor : rope.short_factor;
      fill_powers(rope.rope_theta, inv_freq);
      for (std::size_t i = 0; i < pairs; ++i) inv_freq[i] = 1.0F / (static_cast<float>(factors[i]) * inv_freq[i]);
      return longrope_factor(rope, factor_or_ratio(rope, max_position_embeddings));
    }
    case RopeType::llama3:
      fill_powers(rope.rope_theta, inv_freq);
      llama3(rope, inv_freq);
      return 1.0;
    case RopeType::proportional: {
      // The pairs behind the first ones do not turn.
      const double turned = rope.partial_rotary_factor.value_or(1.0) * static_cast<double>(2 * pairs);
      default_inv_freq(rope.rope_theta, inv_freq);
      std::ranges::fill(inv_freq.subspan(static_cast<std::size_t>(turned / 2.0)), 0.0F);
      divide(inv_freq, rope.factor.value_or(1.0));
      return 1.0;
    }
  }
  throw Error("rope type: expected one that is known");
}

}  // namespace

void default_inv_freq(double theta, std::span<float> inv_freq) {
  fill_powers(theta, inv_freq);
  for (float& value : inv_freq) value = 1.0F / value;
}

double rope_frequencies(const RopeConfig& rope, std::size_t max_position_embeddings, std::optional<std::int64_t> seq,
                        std::span<float> inv_freq) {
  const double factor = compute(rope, max_position_embeddings, seq, inv_freq);
  for (std::size_t i = 0; i < inv_freq.size(); ++i) {
    if (std::isfinite(inv_freq[i])) continue;
    throw Error(fmt::format("rope type {}: inverse frequency {}: expected a finite number, found {}", name(rope.type),
                            i, inv_freq[i]));
  }
  if (!std::isfinite(factor)) {
    throw Error(
        fmt::format("rope type {}: attention factor: expected a finite number, found {}", name(rope.type), factor));
  }
  return factor;
}

}  // namespace assay::optimized
