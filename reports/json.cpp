// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <utility>

#include "model/files/json.hpp"
#include "reports/diagnosis.hpp"
#include "reports/figures.hpp"
#include "reports/generation.hpp"
#include "reports/json_values.hpp"
#include "reports/recorded.hpp"
#include "reports/triangle.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using golden::CaseResult;
using golden::SiteResult;

/// null unless the site has figures at all.
json::value figure(const SiteResult& site, double value) {
  return was_compared(site) ? json_number(value) : json::value(nullptr);
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
  object["site"] = json_text(name(site.site));
  object["verdict"] = json_text(name(site.verdict));
  object["elements"] = metrics.elements;
  object["max_abs"] = figure(site, metrics.max_abs);
  object["rel_l2"] = figure(site, metrics.rel_l2);
  object["max_ulp"] = figure(site, metrics.max_ulp);
  object["cosine"] = figure(site, metrics.cosine);
  object["worst_index"] = index(site);
  object["expected"] = figure(site, metrics.expected);
  object["actual"] = figure(site, metrics.actual);
  object["limit_rel_l2"] = json_number(site.limit_rel_l2);
  object["limit_max_abs"] = json_number(site.limit_max_abs);
  object["differing"] = metrics.differing;
  object["note"] = json_text(site.note);
  object["digits"] = has_digits(site) ? json_number(site.digits) : json::value(nullptr);
  object["headroom"] = figure(site, 1 - used(site));
  object["ratios"] = ratios_json(site);
  return object;
}

json::value to_value(const std::optional<golden::Divergence>& divergence) {
  if (!divergence) return nullptr;
  const SiteResult& site = divergence->site;
  json::object object;
  object["call"] = site.call.value;
  object["layer"] = layer(site);
  object["site"] = json_text(name(site.site));
  object["index"] = index(site);
  object["expected"] = figure(site, site.metrics.expected);
  object["actual"] = figure(site, site.metrics.actual);
  object["max_abs"] = figure(site, site.metrics.max_abs);
  object["rel_l2"] = figure(site, site.metrics.rel_l2);
  object["command"] = json_text(divergence->command);
  return object;
}

json::object to_object(const CaseResult& result) {
  json::object object;
  object["golden"] = json_text(result.golden);
  object["case"] = json_text(result.case_name);
  object["model_type"] = json_text(result.model_type);
  object["engine"] = json_text(result.engine);
  object["precision"] = json_text(name(result.precision));
  object["mode"] = json_text(name(result.mode));
  object["verdict"] = json_text(name(result.verdict));
  object["first_divergence"] = to_value(result.first_divergence);
  object["seconds"] = json_number(result.seconds);
  object["peak_rss_bytes"] = result.peak_rss_bytes;
  json::array sites;
  for (const SiteResult& site : result.sites) sites.push_back(to_object(site));
  object["sites"] = std::move(sites);
  object["witness"] = json_text(name(result.witness));
  object["error"] = json_text(result.error);
  object["tied_tokens"] = result.tied_tokens;
  object["peak_anonymous_bytes"] = result.peak_anonymous_bytes;
  object["threads"] = result.threads ? json::value(*result.threads) : json::value(nullptr);
  object["weights"] = result.weights.empty() ? json::value(nullptr) : json_text(result.weights);
  json::array absent;
  for (const Site site : result.not_provided) absent.push_back(json_text(name(site)));
  object["not_provided"] = std::move(absent);
  json::array unseen;
  for (const Site site : result.not_recorded) unseen.push_back(json_text(name(site)));
  object["not_recorded"] = std::move(unseen);
  add_recorded(object, result);
  object["rows"] = json_text(name(result.rows));
  const std::optional<double> digits = verified_digits(result);
  object["digits"] = digits ? json_number(*digits) : json::value(nullptr);
  const SiteResult* const worst = worst_site(result);
  object["headroom"] = worst == nullptr ? json::value(nullptr) : json_number(1 - used(*worst));
  add_diagnosis(result, object);
  if (result.generation) object["generation"] = generation_json(*result.generation);
  return object;
}

}  // namespace

std::string to_json(const golden::Verification& verification) {
  json::array results;
  for (const CaseResult& result : verification.results) results.push_back(to_object(result));
  json::object document;
  document["schema"] = "assay.verify/1";
  document["verdict"] = json_text(name(verdict_of(verification)));
  document["results"] = std::move(results);
  if (!verification.triangles.empty()) document["triangle"] = triangle_json(verification.triangles);
  return pretty_json(document);
}

}  // namespace assay::reports
