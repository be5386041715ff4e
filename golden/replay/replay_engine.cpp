// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/replay/replay_engine.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace assay::golden {
namespace {

template <std::size_t Rank, class T>
void show(const Probe& probe, Site site, std::vector<T>& values, const Shape& shape) {
  std::array<std::size_t, Rank> extents{};
  std::ranges::copy(shape, extents.begin());
  probe(site, View<T, Rank>(values.data(), extents));
}

template <class T>
void show(const Probe& probe, Site site, std::vector<T> values, const Shape& shape) {
  switch (shape.size()) {
    case 1:
      return show<1>(probe, site, values, shape);
    case 2:
      return show<2>(probe, site, values, shape);
    case 3:
      return show<3>(probe, site, values, shape);
    case 4:
      return show<4>(probe, site, values, shape);
    case 5:
      return show<5>(probe, site, values, shape);
    default:
      throw std::logic_error("sites have one to five axes");
  }
}

/// What is neither 0 nor 1 equals neither.
std::vector<std::uint8_t> as_mask(const std::vector<std::int64_t>& values) {
  std::vector<std::uint8_t> mask(values.size());
  std::ranges::transform(values, mask.begin(), [](std::int64_t value) {
    return static_cast<std::uint8_t>(value == 0 || value == 1 ? value : 255);
  });
  return mask;
}

}  // namespace

SiteValue ReplayEngine::forward(const Call&, const Probe& probe) {
  const CallIndex call{next_++};
  for (const PlannedSite& planned : expected_.calls()[call.value].sites) {
    const ProbePoint& point = planned.point;
    if (!dump_.shows(call, point)) continue;
    const Probe at = point.layer ? probe.in(*point.layer) : probe;
    switch (info(point.site).kind) {
      case SiteKind::routing:
        show(at, point.site, dump_.integers(call, point), planned.shape);
        break;
      case SiteKind::mask:
        show(at, point.site, as_mask(dump_.integers(call, point)), planned.shape);
        break;
      case SiteKind::value:
      case SiteKind::state:
      case SiteKind::constant:
        show(at, point.site, dump_.values(call, point), planned.shape);
        break;
    }
  }
  return {};
}

}  // namespace assay::golden
