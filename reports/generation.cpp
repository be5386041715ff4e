// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/generation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "reports/figures.hpp"
#include "reports/json_values.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using golden::GenerationResult;
using golden::StepMetrics;
using golden::Verdict;

/// As used() of a site.
double share(double error, double limit) {
  if (error == 0.0) return 0.0;
  const double part = error / limit;
  return std::isnan(part) ? std::numeric_limits<double>::infinity() : part;
}

double share(const std::optional<StepMetrics>& metrics) {
  if (!metrics) return 0.0;
  return std::max(share(metrics->max_abs, metrics->limit_max_abs), share(metrics->rel_l2, metrics->limit_rel_l2));
}

json::value step_json(const std::optional<StepMetrics>& metrics) {
  if (!metrics) return nullptr;
  json::object object;
  object["step"] = metrics->step;
  object["max_abs"] = json_number(metrics->max_abs);
  object["limit_max_abs"] = json_number(metrics->limit_max_abs);
  object["rel_l2"] = json_number(metrics->rel_l2);
  object["limit_rel_l2"] = json_number(metrics->limit_rel_l2);
  return object;
}

json::value difference_json(const std::optional<golden::TokenDifference>& difference) {
  if (!difference) return nullptr;
  json::object object;
  object["step"] = difference->step;
  object["row"] = difference->row;
  object["expected"] = difference->expected;
  object["actual"] = difference->actual;
  object["gap"] = json_number(difference->gap);
  object["limit"] = json_number(difference->bound);
  object["verdict"] = json::value(json::string(name(difference->verdict)));
  return object;
}

}  // namespace

std::string token_text(const GenerationResult& generation) {
  if (!generation.first_difference) return "";
  const golden::TokenDifference& difference = *generation.first_difference;
  return fmt::format("step {}, row {}: expected token {}, found {} ({} {}, limit {})", difference.step, difference.row,
                     difference.expected, difference.actual, generation.sampled ? "draw off by" : "gap",
                     error_text(difference.gap), error_text(difference.bound));
}

std::string tokens_text(const GenerationResult& generation) { return count_text(generation.tokens, "token"); }

std::vector<Fact> generation_facts(const GenerationResult& generation) {
  std::vector<Fact> out;
  if (generation.verdict == Verdict::pass) return out;
  out.push_back({"generated", fmt::format("{} compared, of {} in {}", tokens_text(generation),
                                          count_text(generation.rows, "row"), count_text(generation.steps, "step"))});
  if (generation.first_difference) out.push_back({"token", token_text(generation)});
  if (generation.tied_rows > 0) {
    out.push_back({"ties", fmt::format("{} from where rounding chooses either token; nothing behind it is judged",
                                       count_text(generation.tied_rows, "row"))});
  }
  if (generation.tied_filters > 0) {
    out.push_back({"filters", fmt::format("{} at the border of a filter, where rounding lets it pass or not",
                                          count_text(generation.tied_filters, "token"))});
  }
  const auto add = [&](std::string_view label, const std::optional<StepMetrics>& metrics) {
    if (!metrics) return;
    out.push_back({label, fmt::format("step {}: max_abs {}, limit {}", metrics->step, error_text(metrics->max_abs),
                                      error_text(metrics->limit_max_abs))});
  };
  add("logits", generation.worst_logits);
  add("probs", generation.worst_probabilities);
  if (!generation.note.empty()) out.push_back({"note", printable(generation.note)});
  return out;
}

double used(const GenerationResult& generation) {
  return std::max(share(generation.worst_logits), share(generation.worst_probabilities));
}

json::object generation_json(const GenerationResult& generation) {
  json::object object;
  object["verdict"] = json::value(json::string(name(generation.verdict)));
  object["do_sample"] = generation.sampled;
  object["rows"] = generation.rows;
  object["steps"] = generation.steps;
  object["tokens"] = generation.tokens;
  object["tied_rows"] = generation.tied_rows;
  object["tied_filters"] = generation.tied_filters;
  object["first_difference"] = difference_json(generation.first_difference);
  object["worst_logits"] = step_json(generation.worst_logits);
  object["worst_probabilities"] = step_json(generation.worst_probabilities);
  object["note"] = json::value(json::string(valid_utf8(generation.note)));
  return object;
}

}  // namespace assay::reports
