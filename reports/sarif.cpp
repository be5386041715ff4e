// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/sarif.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cctype>
#include <cstddef>

#include "model/files/json.hpp"
#include "reports/facts.hpp"
#include "reports/figures.hpp"
#include "reports/json_values.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using golden::CaseResult;
using golden::SiteResult;
using golden::Verdict;

// Rules behind those of the sites.
constexpr std::string_view generation_rule = "generation";
constexpr std::string_view unjudged_rule = "unjudged";

/// Braces are placeholders in messages (SARIF 2.1.0, 3.11.5).
std::string message_text(std::string_view text) {
  std::string doubled;
  for (const char character : text) {
    if (character == '{' || character == '}') doubled += character;
    doubled += character;
  }
  return doubled;
}

json::object message(std::string_view text) { return {{"text", json_text(text)}}; }

json::object rule(std::string_view id, std::string_view brief, std::string_view full) {
  return {{"id", json_text(id)}, {"shortDescription", message(brief)}, {"fullDescription", message(full)}};
}

json::array rules() {
  json::array all;
  for (const SiteInfo& site : all_sites()) {
    all.push_back(rule(site.name, fmt::format("{} differs from transformers", site.name),
                       fmt::format("{} is {} in transformers; its axes are {}.", site.name, site.source, site.axes)));
  }
  all.push_back(rule(generation_rule, "The generated tokens differ from transformers",
                     "What generate() of transformers made of the prompts."));
  all.push_back(rule(unjudged_rule, "The case could not be judged",
                     "An unreadable or invalid golden, stale weights, or nothing to compare: it proves nothing."));
  return all;
}

std::string_view rule_of(const CaseResult& result) {
  if (const SiteResult* const site = deciding_site(result)) return name(site->site);
  return result.generation && result.generation->verdict == result.verdict ? generation_rule : unjudged_rule;
}

std::string_view level_of(Verdict verdict) {
  if (verdict == Verdict::tie) return "note";
  return verdict == Verdict::marginal ? "warning" : "error";
}

json::object location(const CaseResult& result) {
  json::object physical{{"artifactLocation", json::object{{"uri", json_text(file_uri(result.golden))}}},
                        {"region", json::object{{"startLine", 1}}}};
  json::object place{{"physicalLocation", std::move(physical)}};
  if (const SiteResult* const site = deciding_site(result)) {
    const std::string layer = site->layer ? fmt::format("layers/{}/", site->layer->value) : "";
    place["logicalLocations"] = json::array{json::object{
        {"name", json_text(name(site->site))},
        {"fullyQualifiedName", json_text(fmt::format("calls/{}/{}{}", site->call.value, layer, name(site->site)))}}};
  }
  return place;
}

json::object property_bag(const CaseResult& result) {
  json::object bag{{"verdict", json_text(name(result.verdict))},
                   {"case", json_text(result.case_name)},
                   {"engine", json_text(engine_text(result))},
                   {"mode", json_text(mode_text(result))}};
  if (const std::optional<double> digits = verified_digits(result)) bag["digits"] = json_number(*digits);
  if (const SiteResult* const worst = worst_site(result)) bag["headroom"] = json_number(1 - used(*worst));
  if (const std::string command = reproduce_text(result); !command.empty()) bag["reproduce"] = json_text(command);
  return bag;
}

json::object to_object(const CaseResult& result, const json::array& all_rules) {
  const std::string_view id = rule_of(result);
  const auto at =
      std::ranges::find_if(all_rules, [&](const json::value& one) { return one.at("id").as_string() == id; });
  const std::string what =
      fmt::format("{} {} ({}, {})", name(result.verdict), case_text(result), engine_text(result), mode_text(result));
  json::object object;
  object["ruleId"] = json_text(id);
  object["ruleIndex"] = at - all_rules.begin();
  object["level"] = json_text(level_of(result.verdict));
  object["message"] = message(message_text(fmt::format("{}: {}\n{}", what, headline(result), facts_text(result))));
  object["locations"] = json::array{location(result)};
  object["partialFingerprints"] = json::object{{"assayCase/v1", json_text(fmt::format("{} {}", what, id))}};
  object["properties"] = property_bag(result);
  return object;
}

}  // namespace

std::string file_uri(std::string_view path) {
  constexpr std::string_view unreserved = "-._~/";
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char character : path) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x80 && (std::isalnum(byte) != 0 || unreserved.find(character) != std::string_view::npos)) {
      uri += character;
    } else {
      uri += fmt::format("%{:02X}", byte);
    }
  }
  return uri;
}

std::string to_sarif(const golden::Verification& verification, std::string_view version) {
  json::array all_rules = rules();
  json::array results;
  bool could_judge = true;
  for (const CaseResult& result : verification.results) {
    if (result.verdict == Verdict::invalid) could_judge = false;
    if (result.verdict != Verdict::pass) results.push_back(to_object(result, all_rules));
  }
  json::object driver{{"name", "assay"}, {"version", json_text(version)}, {"rules", std::move(all_rules)}};
  json::object run{{"tool", json::object{{"driver", std::move(driver)}}},
                   {"invocations", json::array{json::object{{"executionSuccessful", could_judge}}}},
                   {"results", std::move(results)}};
  json::object log{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                   {"version", "2.1.0"},
                   {"runs", json::array{std::move(run)}}};
  return pretty_json(log);
}

}  // namespace assay::reports
