// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How far a site may be from its expected value. All numbers of the judge live in the table here; docs/numerics.md
// gives the reason for each.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "golden/judge/result.hpp"

namespace assay::golden {

struct Tolerances {
  /// float64 against truth, both norms: an independent float64 engine agreed to 3.3e-15 over 61,287 tensors.
  double f64_small = 1e-12;
  /// The same for models of more than `small_parameters` weights, whose sums are longer.
  double f64_published = 1e-11;
  std::size_t small_parameters = 100'000'000;

  /// float32 against truth, where no gates are at hand (generations, tuples of sites): the error may be this many times
  /// that of transformers' own float32 run ...
  double noise_ratio_l2 = 2.0;
  double noise_ratio_max = 4.0;
  /// ... which of n elements is known only to about 1/sqrt(n): the ratios are times 1 + this / sqrt(n). Where the noise
  /// is pooled (see below) n is the number of independent rows: elements of a token are not.
  double small_sample = 3.0;
  /// A tensor of fewer elements than this may have a tiny error by luck: its noise is taken as no less than that of the
  /// site in all calls and layers of the golden together.
  std::size_t narrow_elements = 64;
  /// The same where it has fewer independent rows than this: the elements of a token share what went before, such as
  /// the scale of a norm or a sum that cancels, so one token is one sample of the noise however wide it is.
  double few_rows = 8.0;
  /// ... and may always be this many units in the last place of the tensor's scale (its root mean square for the
  /// norm, its largest element for the elements): a lucky zero of transformers is no yardstick.
  double floor_ulps = 4.0;
  /// ... and may never be more than this part of the scale, whatever transformers' own error is: noise of float32 ends
  /// far below, so what is above it in a golden is damage, or a route that transformers itself took otherwise.
  double f32_ceiling = 1e-4;

  /// The same of bfloat16, whose noise is at home a thousand times higher.
  double bf16_ceiling = 0.25;
  /// A row or a column is taken to have at least this share of the relative noise of its tensor, and at least this many
  /// roundings of its own scale: in few elements every run of transformers may be right by luck.
  double line_noise_share = 0.5;
  double line_roundings = 4.0;

  /// In injected mode an element may be off by this many times u G, G its gauge (golden/judge/gauge.hpp): the bound of
  /// the BLAS testers, whatever the length of the sum.
  double gauge = 16.0;
  /// What uses more than this share of a limit and holds is MARGINAL.
  double marginal_share = 0.9;

  /// Where there is neither a truth nor a gate, two dumps or a tuple of a golden without truth: about ten times the
  /// error of float32 at the end of 12 layers.
  double without_truth = 1e-5;

  /// Inverse frequencies are float32 by definition; the last place of the power function is the platform's.
  double constant_ulps = 1.0;
  /// ... and no element may be off by more than this many units in its own last place: the slowest of the frequencies
  /// counts as much as the fastest, beside which it is as small as rounding.
  double constant_own_ulps = 16.0;
};

/// Limits of one tensor, absolute: on ||actual - expected|| and on the largest |actual - expected|.
struct Limits {
  double l2 = 0;
  double max_abs = 0;
  /// Both may be this much more where a decision that the value hangs on is a proven tie (golden/judge/loss_bound.hpp).
  double jump = 0;
};

/// What the limits of a float64 engine depend on.
enum class ModelSize { small, published };

[[nodiscard]] ModelSize model_size(const Tolerances& table, std::size_t parameters);

/// A float64 engine against the truth.
[[nodiscard]] Limits limits_f64(const Tolerances& table, ModelSize size, std::span<const double> expected);

/// What is known of the noise of a tensor that is too small to be its own yardstick.
struct PooledYardstick {
  double noise = 0;  ///< the relative error that transformers is known to have at such a site
  double rows = 1;   ///< independent samples that the tensor is (golden/judge/effective_rows.hpp)
};

/// 1 + small_sample / sqrt(samples): how much wider a ratio of `samples` is to be taken.
[[nodiscard]] double sample_factor(const Tolerances& table, double samples);

/// What transformers' runs are off by at a site, and how many times that an engine may be.
struct Gated {
  double noise_l2 = 0;
  double noise_max = 0;
  double gate_l2 = 0;
  double gate_max = 0;
  double samples = 1;  ///< independent ones
  Precision precision = Precision::f32;
};

/// An engine by the gates of a null distribution.
[[nodiscard]] Limits limits_gated(const Tolerances& table, std::span<const double> expected, const Gated& gated);

/// Half a unit in the last place of 1.
[[nodiscard]] double unit_roundoff(Precision precision);

/// A float32 engine against the truth; `hf32` are transformers' own float32 values of the same tensor.
[[nodiscard]] Limits limits_f32(const Tolerances& table, std::span<const double> expected, std::span<const double> hf32,
                                const std::optional<PooledYardstick>& pooled = std::nullopt);

/// Of a float32 engine whose value is as exact as its type allows: the floor of limits_f32.
[[nodiscard]] Limits limits_of_rounding(const Tolerances& table, std::span<const double> expected);

/// Any engine against hf32.
[[nodiscard]] Limits limits_without_truth(const Tolerances& table, std::span<const double> expected);

/// A float32 constant.
[[nodiscard]] Limits limits_constant(const Tolerances& table, std::span<const double> expected);

/// The first element of a float32 constant that is off by more than constant_own_ulps of its own size; none as a rule.
[[nodiscard]] std::optional<std::size_t> first_wrong_constant(const Tolerances& table, std::span<const double> expected,
                                                              std::span<const double> actual);

}  // namespace assay::golden
