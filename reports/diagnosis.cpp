// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/diagnosis.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "reports/figures.hpp"
#include "reports/json_values.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using golden::CaseResult;
using golden::Decision;
using golden::EndToEnd;
using golden::LayerErrors;
using golden::LayerRouting;
using golden::Measure;
using golden::NoiseRatio;
using golden::Origin;
using golden::SiteResult;
using golden::TokenDecision;

constexpr std::size_t listed = 4;

/// `lines` under one label, the first few of them.
void add_lines(std::string_view label, const std::vector<std::string>& lines, std::vector<Fact>& out) {
  for (std::size_t i = 0; i < std::min(listed, lines.size()); ++i) out.push_back({i == 0 ? label : "", lines[i]});
  if (lines.size() > listed) out.push_back({"", fmt::format("and {} more", lines.size() - listed)});
}

std::vector<std::string> layer_lines(const CaseResult& result) {
  std::vector<std::string> lines;
  for (const LayerErrors& layer : result.layers) {
    if (layer.origin != Origin::clean) lines.push_back(layer_text(layer));
  }
  return lines;
}

std::vector<std::string> routing_lines(const CaseResult& result) {
  std::vector<std::string> lines;
  if (result.decisions.empty()) return lines;
  if (!result.routing.empty()) lines.push_back(routing_text(result));
  // The wrong ones first: a tie needs no attention.
  for (const Decision wanted : {Decision::wrong, Decision::tie}) {
    for (const TokenDecision& decision : result.decisions) {
      if (decision.decision == wanted) lines.push_back(decision_text(decision));
    }
  }
  return lines;
}

std::vector<std::string> outcome_lines(const CaseResult& result) {
  std::vector<std::string> lines;
  for (const EndToEnd& outcome : result.end_to_end) {
    if (!holds(outcome)) lines.push_back(end_to_end_text(outcome));
  }
  return lines;
}

json::array numbers(const std::vector<std::int64_t>& values) { return json::array(values.begin(), values.end()); }

json::object to_object(const LayerRouting& routing) {
  json::object object;
  object["call"] = routing.call.value;
  object["layer"] = routing.layer.value;
  object["tokens"] = routing.tokens;
  object["exact"] = routing.exact;
  object["ties"] = routing.ties;
  object["wrong"] = routing.wrong;
  object["least_margin"] = json_number(routing.least_margin);
  object["bound"] = json_number(routing.bound);
  return object;
}

json::object to_object(const TokenDecision& decision) {
  json::object object;
  object["call"] = decision.call.value;
  object["layer"] = decision.layer.value;
  object["token"] = decision.token;
  object["rule"] = json_text(decision.rule);
  object["decision"] = json_text(name(decision.decision));
  object["margin"] = json_number(decision.margin);
  object["bound"] = json_number(decision.bound);
  object["expected"] = numbers(decision.expected);
  object["actual"] = numbers(decision.actual);
  return object;
}

json::object to_object(const LayerErrors& layer) {
  json::object object;
  object["call"] = layer.call.value;
  object["layer"] = layer.layer.value;
  object["in"] = json_number(layer.in);
  object["out"] = json_number(layer.out);
  object["own"] = json_number(layer.own);
  object["worst"] = json_text(name(layer.worst));
  object["origin"] = json_text(name(layer.origin));
  return object;
}

json::object to_object(const EndToEnd& outcome) {
  json::object object;
  object["call"] = outcome.call.value;
  object["kl_mean"] = json_number(outcome.kl_mean);
  object["kl_mean_gate"] = json_number(outcome.kl_mean_gate);
  object["kl_max"] = json_number(outcome.kl_max);
  object["kl_max_gate"] = json_number(outcome.kl_max_gate);
  object["rows"] = outcome.rows;
  object["top1_same"] = outcome.top1_same;
  object["top1_ties"] = outcome.top1_ties;
  object["top1_wrong"] = outcome.top1_wrong;
  return object;
}

template <class Record>
json::array to_array(const std::vector<Record>& records) {
  json::array array;
  for (const Record& record : records) array.push_back(to_object(record));
  return array;
}

}  // namespace

std::string ratio_place_text(const NoiseRatio& ratio) {
  const std::string text = fmt::format("{} {}", name(ratio.measure), ratio_text(ratio));
  switch (ratio.measure) {
    case Measure::row:
    case Measure::column:
      return fmt::format("{} ({} {} of {})", text, name(ratio.measure), ratio.where, ratio.samples);
    case Measure::gauge:
      return fmt::format("{} (element {})", text, ratio.where);
    case Measure::tensor:
    case Measure::largest:
    case Measure::bias:
      break;
  }
  return text;
}

std::string ratios_text(const SiteResult& site) {
  std::string text;
  for (const NoiseRatio& ratio : site.ratios) text += (text.empty() ? "" : ", ") + ratio_place_text(ratio);
  return text;
}

std::string headroom_reason(const SiteResult& site) {
  const NoiseRatio* const ratio = worst_ratio(site);
  const std::string figures = ratio != nullptr && used(*ratio) >= used(site)
                                  ? ratio_place_text(*ratio)
                                  : fmt::format("rel_l2 {}, limit {}; max_abs {}, limit {}",
                                                error_text(site.metrics.rel_l2), error_text(site.limit_rel_l2),
                                                error_text(site.metrics.max_abs), error_text(site.limit_max_abs));
  return fmt::format("headroom {}: {}", headroom_text(used(site)), figures);
}

std::string decision_text(const TokenDecision& decision) {
  return fmt::format("layer {}, call {}, token {}: {}, {}: expected experts {}, found {} (margin {}, bound {})",
                     decision.layer.value, decision.call.value, decision.token, name(decision.decision), decision.rule,
                     fmt::join(decision.expected, " "), fmt::join(decision.actual, " "), error_text(decision.margin),
                     error_text(decision.bound));
}

RoutingCounts routing_counts(const CaseResult& result) {
  RoutingCounts counts;
  for (const LayerRouting& layer : result.routing) {
    counts.tokens += layer.tokens;
    counts.exact += layer.exact;
    counts.ties += layer.ties;
    counts.wrong += layer.wrong;
  }
  return counts;
}

std::string routing_text(const CaseResult& result) {
  const RoutingCounts counts = routing_counts(result);
  return fmt::format("{}: {} EXACT, {} TIE, {} WRONG", count_text(counts.tokens, "decision"), counts.exact, counts.ties,
                     counts.wrong);
}

std::string layer_text(const LayerErrors& layer) {
  return fmt::format("layer {}, call {}: {} (in {}, out {}, own {} at {})", layer.layer.value, layer.call.value,
                     name(layer.origin), used_text(layer.in), used_text(layer.out), used_text(layer.own),
                     name(layer.worst));
}

bool holds(const EndToEnd& outcome) {
  return outcome.kl_mean <= outcome.kl_mean_gate && outcome.kl_max <= outcome.kl_max_gate && outcome.top1_wrong == 0;
}

std::string end_to_end_text(const EndToEnd& outcome) {
  std::string text =
      fmt::format("call {}: KL mean {}, gate {}; max {}, gate {}; top-1 same in {} of {}", outcome.call.value,
                  error_text(outcome.kl_mean), error_text(outcome.kl_mean_gate), error_text(outcome.kl_max),
                  error_text(outcome.kl_max_gate), outcome.top1_same, count_text(outcome.rows, "row"));
  if (outcome.top1_ties > 0) text += ", " + count_text(outcome.top1_ties, "tie");
  if (outcome.top1_wrong > 0) text += fmt::format(", {} wrong", outcome.top1_wrong);
  return text;
}

std::vector<Fact> diagnosis_facts(const CaseResult& result) {
  std::vector<Fact> out;
  if (result.verdict == golden::Verdict::pass) return out;
  add_lines("origin", layer_lines(result), out);
  add_lines("routing", routing_lines(result), out);
  add_lines("outcome", outcome_lines(result), out);
  if (result.contaminated_tokens > 0) {
    const std::string rows = count_text(result.contaminated_tokens, "row");
    out.push_back({"unjudged", fmt::format("{} of layers behind a tie", rows)});
  }
  return out;
}

void add_diagnosis(const CaseResult& result, json::object& object) {
  object["contaminated_tokens"] = result.contaminated_tokens;
  object["routing"] = to_array(result.routing);
  object["decisions"] = to_array(result.decisions);
  object["layers"] = to_array(result.layers);
  object["end_to_end"] = to_array(result.end_to_end);
}

json::array ratios_json(const SiteResult& site) {
  json::array array;
  for (const NoiseRatio& ratio : site.ratios) {
    json::object object;
    object["measure"] = json_text(name(ratio.measure));
    object["value"] = json_number(ratio.value);
    object["gate"] = json_number(ratio.gate);
    object["where"] = ratio.where;
    object["samples"] = ratio.samples;
    array.push_back(std::move(object));
  }
  return array;
}

}  // namespace assay::reports
