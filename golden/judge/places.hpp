// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which elements of a site are judged.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "model/site_plan.hpp"

namespace assay::golden {

/// The places of the elements that are judged, in ascending order; none where all of them are.
using Places = std::optional<std::vector<std::size_t>>;

/// The values at these places.
[[nodiscard]] std::vector<double> values_at(const Places& places, std::vector<double> values);

/// Of `count` elements those for which `is_judged` says yes.
[[nodiscard]] Places places_where(std::size_t count, const std::function<bool(std::size_t)>& is_judged);

/// Those that are in both.
[[nodiscard]] Places both(Places a, const Places& b);

/// One axis of a dense tensor: the index of the element at `offset` along it.
struct Axis {
  std::size_t extent = 0;
  std::size_t stride = 0;

  [[nodiscard]] std::size_t index(std::size_t offset) const { return offset / stride % extent; }
};

/// The axis that the site's table calls `name`.
[[nodiscard]] std::optional<Axis> axis_of(const PlannedSite& site, std::string_view name);

}  // namespace assay::golden
