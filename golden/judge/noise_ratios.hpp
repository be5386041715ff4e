// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The error of a site in units of the noise that transformers' own runs have there: as a whole, by row, by column, by
// element, and along the expected values. docs/numerics.md has the formulas.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "golden/format/gates_file.hpp"
#include "golden/format/null_distribution.hpp"
#include "golden/judge/real_rows.hpp"
#include "golden/judge/result.hpp"
#include "golden/judge/tolerance.hpp"
#include "model/site_plan.hpp"

namespace assay::golden {

/// What a ratio needs to know of a site beside its values.
struct NoiseYardstick {
  SiteNoise noise;
  SiteGates gates;
  Limits limits;        ///< of the whole tensor, as SiteLimits derived them from noise and gates
  double sample = 1;    ///< the factor for few samples that is in the limits
  double rows = 1;      ///< independent ones (effective_rows.hpp)
  double roundoff = 0;  ///< u of the type: 2^-24 of float32
};

/// `expected` and `actual` are those of the judged elements, which stand at `places` of the site. One entry each of the
/// measures tensor, row, column, largest and bias. The limits of a whole tensor are as ratios: what is above a limit is
/// above its gate.
[[nodiscard]] std::vector<NoiseRatio> noise_ratios(const Tolerances& table, const PlannedSite& site,
                                                   const NoiseYardstick& yardstick, const Places& places,
                                                   std::span<const double> expected, std::span<const double> actual);

/// ||e|| that transformers' runs have over the rows that are judged.
[[nodiscard]] double noise_l2(const PlannedSite& site, const SiteNoise& noise, const Places& places);

/// The first ratio that is above its gate or no number; null where all hold.
[[nodiscard]] const NoiseRatio* first_broken(std::span<const NoiseRatio> ratios);

/// "row 3 of 12 is off by 9.1 times its noise, 4.3 allowed"
[[nodiscard]] std::string to_string(const NoiseRatio& ratio);

}  // namespace assay::golden
