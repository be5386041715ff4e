// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "model/files/json.hpp"
#include "reports/figures.hpp"
#include "reports/generation.hpp"
#include "reports/recorded.hpp"
#include "reports/text.hpp"
#include "reports/triangle.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using golden::CaseResult;
using golden::SiteResult;

json::value text(std::string_view value) { return json::string(valid_utf8(value)); }

json::value number(double value) {
  if (std::isnan(value)) return text("NaN");
  if (std::isinf(value)) return text(value > 0 ? "Infinity" : "-Infinity");
  return value;
}

/// null unless the site has figures at all.
json::value figure(const SiteResult& site, double value) {
  return was_compared(site) ? number(value) : json::value(nullptr);
}

json::value layer(const SiteResult& site) { return site.layer ? json::value(site.layer->value) : json::value(nullptr); }

json::array index(const SiteResult& site) {
  json::array positions;
  for (const std::size_t position : site.metrics.worst_index) positions.emplace_back(position);
  return positions;
}

json::object to_object(const SiteResult& site) {
  const golden::Metrics& metrics = site.metrics;
  json::object object;
  object["call"] = site.call.value;
  object["layer"] = layer(site);
  object["site"] = text(name(site.site));
  object["verdict"] = text(name(site.verdict));
  object["elements"] = metrics.elements;
  object["max_abs"] = figure(site, metrics.max_abs);
  object["rel_l2"] = figure(site, metrics.rel_l2);
  object["max_ulp"] = figure(site, metrics.max_ulp);
  object["cosine"] = figure(site, metrics.cosine);
  object["worst_index"] = index(site);
  object["expected"] = figure(site, metrics.expected);
  object["actual"] = figure(site, metrics.actual);
  object["limit_rel_l2"] = number(site.limit_rel_l2);
  object["limit_max_abs"] = number(site.limit_max_abs);
  object["differing"] = metrics.differing;
  object["note"] = text(site.note);
  return object;
}

json::value to_value(const std::optional<golden::Divergence>& divergence) {
  if (!divergence) return nullptr;
  const SiteResult& site = divergence->site;
  json::object object;
  object["call"] = site.call.value;
  object["layer"] = layer(site);
  object["site"] = text(name(site.site));
  object["index"] = index(site);
  object["expected"] = figure(site, site.metrics.expected);
  object["actual"] = figure(site, site.metrics.actual);
  object["max_abs"] = figure(site, site.metrics.max_abs);
  object["rel_l2"] = figure(site, site.metrics.rel_l2);
  object["command"] = text(divergence->command);
  return object;
}

json::object to_object(const CaseResult& result) {
  json::object object;
  object["golden"] = text(result.golden);
  object["case"] = text(result.case_name);
  object["model_type"] = text(result.model_type);
  object["engine"] = text(result.engine);
  object["precision"] = text(name(result.precision));
  object["mode"] = text(name(result.mode));
  object["verdict"] = text(name(result.verdict));
  object["first_divergence"] = to_value(result.first_divergence);
  object["seconds"] = number(result.seconds);
  object["peak_rss_bytes"] = result.peak_rss_bytes;
  json::array sites;
  for (const SiteResult& site : result.sites) sites.push_back(to_object(site));
  object["sites"] = std::move(sites);
  object["witness"] = text(name(result.witness));
  object["error"] = text(result.error);
  object["tied_tokens"] = result.tied_tokens;
  object["peak_anonymous_bytes"] = result.peak_anonymous_bytes;
  object["threads"] = result.threads ? json::value(*result.threads) : json::value(nullptr);
  object["weights"] = result.weights.empty() ? json::value(nullptr) : text(result.weights);
  json::array absent;
  for (const Site site : result.not_provided) absent.push_back(text(name(site)));
  object["not_provided"] = std::move(absent);
  json::array unseen;
  for (const Site site : result.not_recorded) unseen.push_back(text(name(site)));
  object["not_recorded"] = std::move(unseen);
  add_recorded(object, result);
  object["rows"] = text(name(result.rows));
  if (result.generation) object["generation"] = generation_json(*result.generation);
  return object;
}

}  // namespace

std::string to_json(const golden::Verification& verification) {
  json::array results;
  for (const CaseResult& result : verification.results) results.push_back(to_object(result));
  json::object document;
  document["schema"] = "assay.verify/1";
  document["verdict"] = text(name(verdict_of(verification)));
  document["results"] = std::move(results);
  if (!verification.triangles.empty()) document["triangle"] = triangle_json(verification.triangles);
  return pretty_json(document);
}

}  // namespace assay::reports
