// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/replay/lacking.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace assay::golden {
namespace {

using Numbers = std::set<std::size_t>;

/// "layer 3", "layers 1, 4 to 7"
std::string numbered(std::string_view what, const Numbers& numbers) {
  std::string text = fmt::format("{}{} ", what, numbers.size() > 1 ? "s" : "");
  std::string_view separator;
  for (auto at = numbers.begin(); at != numbers.end();) {
    const std::size_t first = *at;
    std::size_t last = first;
    while (++at != numbers.end() && *at == last + 1) last = *at;
    text += fmt::format("{}{}{}", separator, first,
                        last == first ? "" : fmt::format("{}{}", last == first + 1 ? ", " : " to ", last));
    separator = ", ";
  }
  return text;
}

/// How often something is there and how often it should be.
struct Count {
  std::size_t there = 0;
  std::size_t all = 0;
  void add(bool is_there) {
    ++all;
    if (is_there) ++there;
  }
  [[nodiscard]] bool lacks_everything() const { return there == 0 && all > 0; }
};

struct Point {
  std::size_t call = 0;
  ProbePoint at;
  bool is_there = false;
};

Numbers lacking_everything(const std::map<std::size_t, Count>& counts) {
  Numbers numbers;
  for (const auto& [number, count] : counts) {
    if (count.lacks_everything()) numbers.insert(number);
  }
  return numbers;
}

}  // namespace

std::vector<std::string> lacking(const GoldenFile& expected, const Dump& dump, const Selection& selection) {
  std::vector<Point> points;
  for (std::size_t call = 0; call < expected.calls().size(); ++call) {
    for (const PlannedSite& planned : expected.calls()[call].sites) {
      if (!selection.includes(planned.point) || !expected.records({call}, planned.point)) continue;
      points.push_back({call, planned.point, dump.holds({call}, planned.point)});
    }
  }
  std::vector<std::string> words;
  std::map<std::size_t, Count> calls;
  for (const Point& point : points) calls[point.call].add(point.is_there);
  const Numbers no_calls = lacking_everything(calls);
  if (!no_calls.empty()) words.push_back(numbered("call", no_calls));
  std::erase_if(points, [&](const Point& point) { return no_calls.contains(point.call); });

  std::map<Site, Count> sites;
  for (const Point& point : points) sites[point.at.site].add(point.is_there);
  std::erase_if(points, [&](const Point& point) { return sites[point.at.site].lacks_everything(); });

  std::map<std::size_t, Count> layers;
  for (const Point& point : points) {
    if (point.at.layer) layers[point.at.layer->value].add(point.is_there);
  }
  const Numbers no_layers = lacking_everything(layers);
  if (!no_layers.empty()) words.push_back(numbered("layer", no_layers));
  for (const auto& [site, count] : sites) {
    if (count.lacks_everything()) words.emplace_back(name(site));
  }

  // By site and the layers that lack it: the calls.
  std::map<std::pair<Site, std::size_t>, Numbers> layers_of;
  for (const Point& point : points) {
    if (point.is_there || (point.at.layer && no_layers.contains(point.at.layer->value))) continue;
    Numbers& numbers = layers_of[{point.at.site, point.call}];
    if (point.at.layer) numbers.insert(point.at.layer->value);
  }
  std::map<std::pair<Site, Numbers>, Numbers> calls_of;
  for (const auto& [at, numbers] : layers_of) calls_of[{at.first, numbers}].insert(at.second);
  for (const auto& [at, numbers] : calls_of) {
    std::string text = fmt::format("{} of ", name(at.first));
    if (!at.second.empty()) text += numbered("layer", at.second);
    if (numbers.size() + no_calls.size() < expected.calls().size() || at.second.empty()) {
      text += fmt::format("{}{}", at.second.empty() ? "" : " in ", numbered("call", numbers));
    }
    words.push_back(std::move(text));
  }
  return words;
}

}  // namespace assay::golden
