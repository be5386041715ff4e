// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/html/charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "reports/diagnosis.hpp"
#include "reports/facts.hpp"
#include "reports/figures.hpp"
#include "reports/json_values.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using golden::CaseResult;
using golden::SiteResult;
using golden::Verdict;

constexpr std::size_t most_histograms = 6;
constexpr double largest = 1e9;

/// A chart has no place for what is infinite or not a number: it is as large as can be. Three digits are more than it
/// shows.
json::value drawn(double number) {
  if (!(number <= largest)) return largest;
  return std::strtod(fmt::format("{:.3g}", number).c_str(), nullptr);
}

json::value layer_value(const SiteResult& site) {
  return site.layer ? json::value(site.layer->value) : json::value(-1);
}

/// The more serious verdict first, then the larger share.
bool is_worse(const SiteResult& a, const SiteResult& b) {
  if (a.verdict != b.verdict) return a.verdict > b.verdict;
  return was_compared(a) && (!was_compared(b) || used(a) > used(b));
}

using Worst = std::map<std::pair<Site, std::optional<LayerIndex>>, const SiteResult*>;

Worst worst_of_calls(const CaseResult& result) {
  Worst worst;
  for (const SiteResult& site : result.sites) {
    const auto [place, is_new] = worst.try_emplace({site.site, site.layer}, &site);
    if (!is_new && is_worse(site, *place->second)) place->second = &site;
  }
  return worst;
}

json::array cell(const SiteResult& site, std::size_t column) {
  const golden::NoiseRatio* const ratio = worst_ratio(site);
  return {layer_value(site),
          column,
          was_compared(site) ? drawn(used(site)) : json::value(nullptr),
          json_text(name(site.verdict)),
          site.call.value,
          has_digits(site) ? drawn(site.digits) : json::value(nullptr),
          was_compared(site) ? drawn(site.metrics.rel_l2) : json::value(nullptr),
          ratio == nullptr ? json::value("") : json_text(ratio_place_text(*ratio))};
}

json::array growth(const Worst& worst) {
  json::array points;
  for (const auto& [key, site] : worst) {
    if (key.first != Site::layer_out || !was_compared(*site)) continue;
    points.push_back(json::array{layer_value(*site), drawn(site->metrics.rel_l2), drawn(site->limit_rel_l2),
                                 json_text(name(site->verdict)), site->call.value});
  }
  return points;
}

json::array ledger(const CaseResult& result) {
  json::array rows;
  for (const golden::LayerErrors& layer : result.layers) {
    rows.push_back(json::array{layer.layer.value, layer.call.value, drawn(layer.in), drawn(layer.out), drawn(layer.own),
                               json_text(name(layer.origin))});
  }
  return rows;
}

/// Masks and choices are right or wrong: their errors have no size.
json::array histograms(const CaseResult& result) {
  std::vector<const SiteResult*> sites;
  for (const SiteResult& site : result.sites) {
    if (has_digits(site)) sites.push_back(&site);
  }
  std::ranges::stable_sort(sites, [](const SiteResult* a, const SiteResult* b) { return is_worse(*a, *b); });
  sites.resize(std::min(sites.size(), most_histograms));
  json::array all;
  for (const SiteResult* const site : sites) {
    json::object one;
    one["place"] = json_text(place_text(*site));
    one["verdict"] = json_text(name(site->verdict));
    one["elements"] = site->metrics.elements;
    one["equal"] = site->metrics.equal;
    one["bins"] = json::array(site->metrics.error_bins.begin(), site->metrics.error_bins.end());
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

json::object chart_data(const CaseResult& result) {
  const Worst worst = worst_of_calls(result);
  json::array names;
  json::array cells;
  std::optional<Site> at_hand;
  for (const auto& [key, site] : worst) {
    if (at_hand != key.first) names.push_back(json_text(name(key.first)));
    at_hand = key.first;
    cells.push_back(cell(*site, names.size() - 1));
  }
  json::object data;
  data["sites"] = std::move(names);
  data["cells"] = std::move(cells);
  data["growth"] = growth(worst);
  data["ledger"] = ledger(result);
  data["histograms"] = histograms(result);
  return data;
}

}  // namespace assay::reports
