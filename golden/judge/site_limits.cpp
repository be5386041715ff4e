// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/site_limits.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "golden/judge/effective_rows.hpp"
#include "golden/judge/metrics.hpp"
#include "golden/judge/routing.hpp"
#include "model/config/manifest.hpp"

namespace assay::golden {
SiteLimits::SiteLimits(const GoldenFile& golden, const RealRows& rows, const Tolerances& table, Precision precision,
                       const Calibration* calibration)
    : golden_(golden),
      rows_(rows),
      table_(table),
      precision_(precision),
      calibration_(calibration),
      has_truth_(golden.has(Values::truth)),
      is_exact_(precision == Precision::f64 &&
                (has_truth_ || (golden.kind() == Kind::dump && golden.precision() == name(Precision::f64)))),
      size_(model_size(table, parameter_count(golden.config()))),
      pooled_noise_(golden, rows, yardstick()) {}

/// A float64 engine is held against the truth itself.
bool SiteLimits::is_gated(CallIndex call, const ProbePoint& point) const {
  if (calibration_ == nullptr || (has_truth_ && precision_ == Precision::f64)) return false;
  return calibration_->gates.sites.contains(point.site) && calibration_->noise.find(call, point);
}

/// The elements of a tensor, or its rows where there are few.
SiteLimits::Samples SiteLimits::samples_of(CallIndex call, const PlannedSite& site,
                                           std::span<const double> expected) const {
  const double rows = effective_rows(site, rows_.places(call, site), expected);
  const bool narrow = expected.size() < table_.narrow_elements || rows < table_.few_rows;
  return {narrow ? rows : static_cast<double>(expected.size()), narrow};
}

std::optional<NoiseYardstick> SiteLimits::noise_of(CallIndex call, const PlannedSite& site, const Limits& limits,
                                                   std::span<const double> expected) const {
  if (is_bitwise(site.point.site) || !is_gated(call, site.point)) return std::nullopt;
  return NoiseYardstick{.noise = *calibration_->noise.find(call, site.point),
                        .gates = calibration_->gates.sites.at(site.point.site),
                        .limits = limits,
                        .sample = sample_factor(table_, samples_of(call, site, expected).count),
                        .rows = effective_rows(site, rows_.places(call, site), expected),
                        .roundoff = unit_roundoff(precision_ == Precision::f64 ? Precision::f32 : precision_)};
}

void SiteLimits::set_gates(EndToEnd& end_to_end) const {
  if (calibration_ == nullptr || !calibration_->gates.logits) return;
  const std::optional<LogitsNoise> noise = calibration_->noise.logits(end_to_end.call);
  if (!noise) return;
  const double sample = sample_factor(table_, static_cast<double>(end_to_end.rows));
  end_to_end.kl_mean_gate = calibration_->gates.logits->mean * sample * noise->mean;
  end_to_end.kl_max_gate = calibration_->gates.logits->max * sample * noise->max;
}

Limits SiteLimits::of(CallIndex call, const PlannedSite& site, std::span<const double> expected,
                      std::span<const std::size_t> hf32_slots) {
  if (site.point.site == Site::loss || site.point.site == Site::aux_loss) return of_loss(call, site, expected);
  if (is_bitwise(site.point.site)) return {};
  Limits limits = plain(call, site, expected, hf32_slots);
  if (site.point.site == Site::router_weights && has_truth_ && precision_ != Precision::f64) {
    const Limits logits = of_router_logits(call, site.point.layer);
    limits.l2 = std::max(limits.l2, 0.5 * logits.l2);
    limits.max_abs = std::max(limits.max_abs, 0.5 * logits.max_abs);
  }
  return limits;
}

/// The weights of a token are a softmax of its router logits, whose slope is at most 1/2 in either norm.
Limits SiteLimits::of_router_logits(CallIndex call, const std::optional<LayerIndex>& layer) {
  const RecordedCall& recorded = golden_.calls()[call.value];
  const auto site = std::ranges::find(recorded.sites, ProbePoint{Site::router_logits, layer}, &PlannedSite::point);
  const std::vector<double> logits = golden_.values(call, golden_.witness(), site->point);
  return plain(call, *site, values_at(rows_.places(call, *site), logits), {});
}

Limits SiteLimits::plain(CallIndex call, const PlannedSite& site, std::span<const double> expected,
                         std::span<const std::size_t> hf32_slots) {
  const Site which = site.point.site;
  if (is_bitwise(which)) return {};
  if (info(which).kind == SiteKind::constant) return limits_constant(table_, expected);
  if (is_exact_) return limits_f64(table_, size_, expected);
  const auto [samples, narrow] = samples_of(call, site, expected);
  const double pooled = narrow && has_truth_ ? pooled_noise_.of(which) : 0.0;
  if (is_gated(call, site.point)) {
    const SiteNoise noise = *calibration_->noise.find(call, site.point);
    const SiteGates& gates = calibration_->gates.sites.at(which);
    return limits_gated(
        table_, expected,
        {.noise_l2 = std::max(noise_l2(site, noise, rows_.places(call, site)), pooled * norm_l2(expected)),
         .noise_max = std::max(noise.max_abs, pooled * norm_max(expected)),
         .gate_l2 = gates.tensor,
         .gate_max = gates.largest,
         .samples = samples,
         .precision = precision_ == Precision::bf16 ? Precision::bf16 : Precision::f32});
  }
  if (!has_truth_) return limits_without_truth(table_, expected);
  std::vector<double> hf = golden_.values(call, yardstick(), site.point);
  if (is_per_slot(which) && !hf32_slots.empty()) hf = reorder_slots(hf, hf32_slots, site.shape[0]);
  hf = values_at(rows_.places(call, site), std::move(hf));
  if (!narrow) return limits_f32(table_, expected, hf);
  return limits_f32(table_, expected, hf, PooledYardstick{pooled, samples});
}

Limits SiteLimits::of_loss(CallIndex call, const PlannedSite& site, std::span<const double> expected) {
  const bool is_loss = site.point.site == Site::loss;
  const RecordedCall& recorded = golden_.calls()[call.value];
  const LossBound aux = recorded.output_router_logits ? aux_loss(call) : LossBound{};
  const double share = is_loss ? common(golden_.config()).router_aux_loss_coef : 1.0;
  Limits limits;
  if (is_exact_) {
    limits = limits_f64(table_, size_, expected);
  } else if (!has_truth_) {
    limits = limits_without_truth(table_, expected);
  } else {
    limits = limits_of_rounding(table_, expected);
    const double error = std::abs(share) * aux.error + (is_loss ? logits_part(call) : 0.0);
    limits.l2 += error;
    limits.max_abs += error;
  }
  limits.jump = std::abs(share) * aux.jump;
  return limits;
}

LossBound SiteLimits::aux_loss(CallIndex call) {
  std::vector<RouterLogits> layers;
  for (const PlannedSite& site : golden_.calls()[call.value].sites) {
    if (site.point.site != Site::router_logits) continue;
    RouterLogits layer{golden_.values(call, golden_.witness(), site.point), 0.0};
    const std::vector<double> judged = values_at(rows_.places(call, site), layer.values);
    layer.limit_max_abs = plain(call, site, judged, {}).max_abs;
    layers.push_back(std::move(layer));
  }
  return aux_loss_bound(golden_.config(), golden_.calls()[call.value], layers);
}

/// What the limits of the logits allow the loss.
double SiteLimits::logits_part(CallIndex call) {
  const RecordedCall& recorded = golden_.calls()[call.value];
  const Site from = common(golden_.config()).head == Head::causal_lm ? Site::logits : Site::pooled_logits;
  const auto site = std::ranges::find(recorded.sites, ProbePoint{from, std::nullopt}, &PlannedSite::point);
  const std::vector<double> logits = golden_.values(call, Values::truth, site->point);
  const std::vector<double> judged = values_at(rows_.places(call, *site), logits);
  return loss_error(golden_.config(), recorded, logits, plain(call, *site, judged, {}).max_abs);
}

}  // namespace assay::golden
