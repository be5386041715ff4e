// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/places.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace assay::golden {

std::vector<double> values_at(const Places& places, std::vector<double> values) {
  if (!places) return values;
  std::vector<double> chosen;
  chosen.reserve(places->size());
  for (const std::size_t place : *places) chosen.push_back(values[place]);
  return chosen;
}

Places places_where(std::size_t count, const std::function<bool(std::size_t)>& is_judged) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < count; ++i) {
    if (is_judged(i)) places.push_back(i);
  }
  if (places.size() == count) return std::nullopt;
  return places;
}

Places both(Places a, const Places& b) {
  if (!a) return b;
  if (!b) return a;
  std::vector<std::size_t> common;
  std::ranges::set_intersection(*a, *b, std::back_inserter(common));
  return common;
}

std::optional<Axis> axis_of(const PlannedSite& site, std::string_view name) {
  std::string_view axes = info(site.point.site).axes;
  for (std::size_t i = 0; i < site.shape.size(); ++i) {
    const std::string_view axis = axes.substr(0, axes.find(','));
    if (axis == name) {
      std::size_t stride = 1;
      for (std::size_t inner = i + 1; inner < site.shape.size(); ++inner) stride *= site.shape[inner];
      return Axis{site.shape[i], stride};
    }
    axes.remove_prefix(std::min(axis.size() + 1, axes.size()));
  }
  return std::nullopt;
}

}  // namespace assay::golden
