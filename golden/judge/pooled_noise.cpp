// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/pooled_noise.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace assay::golden {
namespace {

struct Squares {
  double error = 0;
  double truth = 0;
};

void add(const GoldenFile& golden, const RealRows& rows, Values yardstick, CallIndex call, const PlannedSite& site,
         Squares& squares) {
  const ProbePoint& point = site.point;
  // Slots in another order are other numbers, and no noise.
  const ProbePoint experts{Site::router_experts, point.layer};
  if (is_per_slot(point.site) &&
      golden.integers(call, Values::truth, experts) != golden.integers(call, yardstick, experts)) {
    return;
  }
  const Places places = rows.places(call, site);
  const std::vector<double> truth = values_at(places, golden.values(call, Values::truth, point));
  const std::vector<double> run = values_at(places, golden.values(call, yardstick, point));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    squares.error += (run[i] - truth[i]) * (run[i] - truth[i]);
    squares.truth += truth[i] * truth[i];
  }
}

}  // namespace

double PooledNoise::of(Site site) {
  switch (site) {
    case Site::logits:
    case Site::score_out:
      return std::max(measured(site), measured(Site::final_norm_out));
    case Site::pooled_logits:
      return std::max({measured(site), measured(Site::score_out), measured(Site::final_norm_out)});
    default:
      return measured(site);
  }
}

double PooledNoise::measured(Site site) {
  if (const auto found = known_.find(site); found != known_.end()) return found->second;
  Squares squares;
  for (std::size_t i = 0; golden_.records(site) && i < golden_.calls().size(); ++i) {
    for (const PlannedSite& planned : golden_.calls()[i].sites) {
      if (planned.point.site == site) add(golden_, rows_, yardstick_, CallIndex{i}, planned, squares);
    }
  }
  const double noise = squares.truth == 0.0 ? 0.0 : std::sqrt(squares.error / squares.truth);
  known_[site] = noise;
  return noise;
}

}  // namespace assay::golden
