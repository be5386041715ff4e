// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/rope_frequencies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "model/error.hpp"

namespace assay::reference {
namespace {

/// base ** (torch.arange(0, d, 2) / d), whose base torch rounds to float32 as it does every number beside a tensor.
std::vector<float> powers(double base, std::size_t head_dim) {
  const double rounded_base = static_cast<float>(base);
  std::vector<float> power(head_dim / 2);
  for (std::size_t i = 0; i < power.size(); ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(head_dim);
    power[i] = static_cast<float>(std::pow(rounded_base, static_cast<double>(exponent)));
  }
  return power;
}

std::vector<float> reciprocals(std::vector<float> values) {
  for (float& value : values) value = 1.0F / value;
  return values;
}

std::vector<float> divided(std::vector<float> values, double divisor) {
  for (float& value : values) value /= static_cast<float>(divisor);
  return values;
}

std::vector<float> linear_inv_freq(const RopeConfig& rope, std::size_t head_dim) {
  return divided(default_inv_freq(rope.rope_theta, head_dim), rope.factor.value());
}

/// Not all pairs turn: the last ones have frequency 0.
std::vector<float> proportional_inv_freq(const RopeConfig& rope, std::size_t head_dim) {
  const double turned = rope.partial_rotary_factor.value_or(1.0) * static_cast<double>(head_dim);
  std::vector<float> inv_freq = default_inv_freq(rope.rope_theta, head_dim);
  for (std::size_t i = static_cast<std::size_t>(turned / 2.0); i < inv_freq.size(); ++i) inv_freq[i] = 0.0F;
  return divided(inv_freq, rope.factor.value_or(1.0));
}

/// theta' = theta (factor seq / M - (factor - 1))^(d / (d - 2)), seq at least M. Without a length these are numbers of
/// Python; a length is a tensor, which makes every step float32.
std::vector<float> dynamic_inv_freq(const RopeConfig& rope, std::size_t head_dim, std::size_t max_position_embeddings,
                                    std::optional<std::int64_t> seq) {
  if (head_dim == 2) throw Error("head_dim: expected 4 or more with rope type dynamic, found 2");
  const double factor = rope.factor.value();
  const auto longest = static_cast<double>(max_position_embeddings);
  const auto d = static_cast<double>(head_dim);
  const double exponent = d / (d - 2.0);
  if (!seq) {
    const double stretch = factor * longest / longest - (factor - 1.0);
    return default_inv_freq(rope.rope_theta * std::pow(stretch, exponent), head_dim);
  }
  const auto length = static_cast<float>(std::max(*seq, static_cast<std::int64_t>(max_position_embeddings)));
  const float scaled = static_cast<float>(factor) * length / static_cast<float>(longest);
  const float stretch = scaled - static_cast<float>(factor - 1.0);
  // torch raises a tensor without axes to a number of Python in double.
  const auto raised = static_cast<float>(std::pow(static_cast<double>(stretch), exponent));
  return default_inv_freq(static_cast<double>(static_cast<float>(rope.rope_theta) * raised), head_dim);
}

/// M / O, where the dictionary has no factor of its own.
double factor_or_ratio(const RopeConfig& rope, std::size_t max_position_embeddings) {
  return rope.factor.value_or(static_cast<double>(max_position_embeddings) /
                              rope.original_max_position_embeddings.value());
}

double yarn_mscale(double scale, double mscale) { return scale <= 1.0 ? 1.0 : 0.1 * mscale * std::log(scale) + 1.0; }

double yarn_attention_factor(const RopeConfig& rope, double factor) {
  if (rope.attention_factor) return *rope.attention_factor;
  const double mscale = rope.mscale.value_or(0.0);
  const double mscale_all_dim = rope.mscale_all_dim.value_or(0.0);
  if (mscale == 0.0 || mscale_all_dim == 0.0) return yarn_mscale(factor, 1.0);
  return yarn_mscale(factor, mscale) / yarn_mscale(factor, mscale_all_dim);
}

/// The pairs between which the frequencies go over from theirs to those divided by the factor: the places of the
/// wavelengths that fit beta_fast and beta_slow times into the original length.
std::pair<double, double> yarn_range(const RopeConfig& rope, std::size_t head_dim) {
  const auto d = static_cast<double>(head_dim);
  const auto place = [&](double rotations) {
    const double ratio = rope.original_max_position_embeddings.value() / (rotations * 2.0 * std::numbers::pi);
    const double found = d * std::log(ratio) / (2.0 * std::log(rope.rope_theta));
    if (!std::isfinite(found)) {
      throw Error(fmt::format("rope type yarn: expected a finite place of beta {} (rope_theta {}), found {}", rotations,
                              rope.rope_theta, found));
    }
    return found;
  };
  double low = place(rope.beta_fast.value_or(32.0));
  double high = place(rope.beta_slow.value_or(1.0));
  if (rope.truncate.value_or(true)) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, d - 1.0);
  return {low, high == low ? high + 0.001 : high};
}

std::vector<float> yarn_inv_freq(const RopeConfig& rope, std::size_t head_dim, double factor) {
  const std::vector<float> power = powers(rope.rope_theta, head_dim);
  const auto [low, high] = yarn_range(rope, head_dim);
  std::vector<float> inv_freq(power.size());
  for (std::size_t i = 0; i < power.size(); ++i) {
    const float extrapolated = 1.0F / power[i];
    const float interpolated = 1.0F / (static_cast<float>(factor) * power[i]);
    const float place = (static_cast<float>(i) - static_cast<float>(low)) / static_cast<float>(high - low);
    const float kept = 1.0F - std::clamp(place, 0.0F, 1.0F);
    inv_freq[i] = interpolated * (1.0F - kept) + extrapolated * kept;
  }
  return inv_freq;
}

double longrope_attention_factor(const RopeConfig& rope, double factor) {
  if (rope.attention_factor) return *rope.attention_factor;
  if (factor <= 1.0) return 1.0;
  return std::sqrt(1.0 + std::log(factor) / std::log(rope.original_max_position_embeddings.value()));
}

std::vector<float> longrope_inv_freq(const RopeConfig& rope, std::size_t head_dim, std::optional<std::int64_t> seq) {
  const bool is_long = seq && static_cast<double>(*seq) > rope.original_max_position_embeddings.value();
  const std::vector<double>& factors = is_long ? rope.long_factor : rope.short_factor;
  std::vector<float> scaled = powers(rope.rope_theta, head_dim);
  for (std::size_t i = 0; i < scaled.size(); ++i) scaled[i] = static_cast<float>(factors.at(i)) * scaled[i];
  return reciprocals(scaled);
}

/// Short wavelengths stay, long ones are divided by the factor, and between two borders one goes over into the other.
/// torch divides a number by a tensor as the product with its reciprocal.
std::vector<float> llama3_inv_freq(const RopeConfig& rope, std::size_t head_dim) {
  const double original = rope.original_max_position_embeddings.value();
  const double low = rope.low_freq_factor.value();
  const double high = rope.high_freq_factor.value();
  if (low == 0.0 || high == 0.0)
    throw Error("rope type llama3: expected low_freq_factor and high_freq_factor, found 0");
  const auto factor = static_cast<float>(rope.factor.value());
  const auto longest = static_cast<float>(original / low);
  const auto shortest = static_cast<float>(original / high);
  std::vector<float> inv_freq = default_inv_freq(rope.rope_theta, head_dim);
  for (float& frequency : inv_freq) {
    const float wavelength = 1.0F / frequency * static_cast<float>(2.0 * std::numbers::pi);
    const float scaled = wavelength > longest ? frequency / factor : frequency;
    const float place = 1.0F / wavelength * static_cast<float>(original) - static_cast<float>(low);
    const float smooth = place / static_cast<float>(high - low);
    const float mixed = (1.0F - smooth) * scaled / factor + smooth * scaled;
    frequency = wavelength < shortest || wavelength > longest ? scaled : mixed;
  }
  return inv_freq;
}

RopeFrequencies compute(const RopeConfig& rope, std::size_t head_dim, std::size_t max_position_embeddings,
                        std::optional<std::int64_t> seq) {
  switch (rope.type) {
    case RopeType::default_type:
      return {default_inv_freq(rope.rope_theta, head_dim), 1.0};
    case RopeType::linear:
      return {linear_inv_freq(rope, head_dim), 1.0};
    case RopeType::dynamic:
      return {dynamic_inv_freq(rope, head_dim, max_position_embeddings, seq), 1.0};
    case RopeType::yarn: {
      const double factor = factor_or_ratio(rope, max_position_embeddings);
      return {yarn_inv_freq(rope, head_dim, factor), yarn_attention_factor(rope, factor)};
    }
    case RopeType::longrope:
      return {longrope_inv_freq(rope, head_dim, seq),
              longrope_attention_factor(rope, factor_or_ratio(rope, max_position_embeddings))};
    case RopeType::llama3:
      return {llama3_inv_freq(rope, head_dim), 1.0};
    case RopeType::proportional:
      return {proportional_inv_freq(rope, head_dim), 1.0};
  }
  throw Error("rope type: expected one that is known");
}

}  // namespace

std::vector<float> default_inv_freq(double theta, std::size_t head_dim) { return reciprocals(powers(theta, head_dim)); }

RopeFrequencies rope_frequencies(const RopeConfig& rope, std::size_t head_dim, std::size_t max_position_embeddings,
                                 std::optional<std::int64_t> seq) {
  RopeFrequencies frequencies = compute(rope, head_dim, max_position_embeddings, seq);
  for (std::size_t i = 0; i < frequencies.inv_freq.size(); ++i) {
    if (std::isfinite(frequencies.inv_freq[i])) continue;
    throw Error(fmt::format("rope type {}: inverse frequency {}: expected a finite number, found {}", name(rope.type),
                            i, frequencies.inv_freq[i]));
  }
  if (!std::isfinite(frequencies.attention_factor)) {
    throw Error(fmt::format("rope type {}: attention factor: expected a finite number, found {}", name(rope.type),
                            frequencies.attention_factor));
  }
  return frequencies;
}

}  // namespace assay::reference
