// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/selection.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "model/error.hpp"

namespace assay::golden {
namespace {

/// Whether `accept` says yes to any of the comma-separated patterns.
bool any_pattern(std::string_view patterns, const std::function<bool(const std::string&)>& accept) {
  while (true) {
    const std::size_t comma = patterns.find(',');
    if (accept(std::string(patterns.substr(0, comma)))) return true;
    if (comma == std::string_view::npos) return false;
    patterns.remove_prefix(comma + 1);
  }
}

bool matches(const std::string& pattern, std::string_view name) {
  return fnmatch(pattern.c_str(), std::string(name).c_str(), 0) == 0;
}

std::size_t parse_layer(std::string_view part, std::string_view whole) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
  if (error != std::errc{} || end != part.data() + part.size()) {
    throw Error(fmt::format("--layers: expected A:B with layer numbers, found \"{}\"", whole));
  }
  return value;
}

}  // namespace

bool Selection::includes(const ProbePoint& point) const {
  const bool all_layers = first_layer == 0 && end_layer == std::numeric_limits<std::size_t>::max();
  if (point.layer ? point.layer->value < first_layer || point.layer->value >= end_layer : !all_layers) return false;
  return any_pattern(sites, [&](const std::string& pattern) { return matches(pattern, name(point.site)); });
}

void check_site_patterns(std::string_view text) {
  any_pattern(text, [](const std::string& pattern) {
    const auto known = [&](const SiteInfo& site) { return matches(pattern, site.name); };
    if (!std::ranges::any_of(all_sites(), known)) {
      throw Error(fmt::format("--sites: expected a pattern that matches a site, found \"{}\"", pattern));
    }
    return false;
  });
}

void parse_layers(std::string_view text, Selection& selection) {
  const std::size_t colon = text.find(':');
  const std::string_view first = text.substr(0, colon);
  if (colon == std::string_view::npos) {
    selection.first_layer = parse_layer(first, text);
    selection.end_layer = selection.first_layer + 1;
    return;
  }
  const std::string_view end = text.substr(colon + 1);
  if (!first.empty()) selection.first_layer = parse_layer(first, text);
  if (!end.empty()) selection.end_layer = parse_layer(end, text);
  if (selection.first_layer >= selection.end_layer) {
    throw Error(fmt::format("--layers: expected A:B with A below B, found \"{}\"", text));
  }
}

}  // namespace assay::golden
