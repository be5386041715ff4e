// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The limits of a site of a golden: which of the table's rules it has, and the figures that the rule asks for.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "golden/format/golden_file.hpp"
#include "golden/judge/calibration.hpp"
#include "golden/judge/loss_bound.hpp"
#include "golden/judge/noise_ratios.hpp"
#include "golden/judge/pooled_noise.hpp"
#include "golden/judge/real_rows.hpp"
#include "golden/judge/tolerance.hpp"
#include "model/site_plan.hpp"

namespace assay::golden {

class SiteLimits {
 public:
  /// Borrows the golden, the rows and the calibration. Without one the noise is that of one run of transformers, and
  /// the ratios are those of the table.
  SiteLimits(const GoldenFile& golden, const RealRows& rows, const Tolerances& table, Precision precision,
             const Calibration* calibration = nullptr);

  /// Which values of the golden are transformers' own run in the precision of the engine.
  [[nodiscard]] Values yardstick() const { return precision_ == Precision::bf16 ? Values::hf_bf16 : Values::hf32; }

  /// Of the judged elements of a floating-point site; `expected` are theirs. `hf32_slots` says where transformers'
  /// float32 run has the expected expert of each slot (align_slots); empty where that is not known.
  [[nodiscard]] Limits of(CallIndex call, const PlannedSite& site, std::span<const double> expected,
                          std::span<const std::size_t> hf32_slots);

  /// Of the router logits of a layer that has them, by the golden alone.
  [[nodiscard]] Limits of_router_logits(CallIndex call, const std::optional<LayerIndex>& layer);
  /// Whether the engine must have the very values of a site: a float32 one where a golden is exact.
  [[nodiscard]] bool is_bitwise(Site site) const { return precision_ == Precision::f32 && golden_.is_exact(site); }

  /// What noise_ratios() needs beside the values; nothing where no gates say what the ratios may be. `limits` are those
  /// of the site.
  [[nodiscard]] std::optional<NoiseYardstick> noise_of(CallIndex call, const PlannedSite& site, const Limits& limits,
                                                       std::span<const double> expected) const;

  /// Fills in what the divergence of a call's logits may be; 0 where no gates say so.
  void set_gates(EndToEnd& end_to_end) const;

 private:
  [[nodiscard]] bool is_gated(CallIndex call, const ProbePoint& point) const;
  /// Independent samples of the noise that a tensor is.
  struct Samples {
    double count = 0;
    bool narrow = false;  ///< too few to be their own yardstick
  };
  [[nodiscard]] Samples samples_of(CallIndex call, const PlannedSite& site, std::span<const double> expected) const;
  [[nodiscard]] Limits of_loss(CallIndex call, const PlannedSite& site, std::span<const double> expected);
  [[nodiscard]] LossBound aux_loss(CallIndex call);
  [[nodiscard]] double logits_part(CallIndex call);
  [[nodiscard]] Limits plain(CallIndex call, const PlannedSite& site, std::span<const double> expected,
                             std::span<const std::size_t> hf32_slots);

  const GoldenFile& golden_;
  const RealRows& rows_;
  Tolerances table_;
  Precision precision_;
  const Calibration* calibration_;
  bool has_truth_;
  bool is_exact_;  ///< whether a float64 engine is held against float64 values: the truth, or a dump's
  ModelSize size_;
  PooledNoise pooled_noise_;
};

}  // namespace assay::golden
