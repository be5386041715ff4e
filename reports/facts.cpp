// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "reports/diagnosis.hpp"
#include "reports/figures.hpp"
#include "reports/generation.hpp"
#include "reports/recorded.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

using golden::CaseResult;
using golden::SiteResult;
using golden::Verdict;

constexpr std::size_t listed_sites = 5;

std::size_t count_sites(const CaseResult& result, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(result.sites, verdict, &SiteResult::verdict));
}

void add_figures(const SiteResult& site, Precision precision, std::vector<Fact>& out) {
  const golden::Metrics& metrics = site.metrics;
  if (!metrics.worst_index.empty()) {
    out.push_back({"index", index_text(site.site, metrics.worst_index)});
    out.push_back({"expected", element_text(metrics.expected, precision)});
    out.push_back({"actual", element_text(metrics.actual, precision) +
                                 (std::isfinite(metrics.actual) ? "" : ", which is not a finite number")});
    out.push_back({"off by", error_text(metrics.actual - metrics.expected)});
  }
  out.push_back({"rel_l2", fmt::format("{}, limit {}", error_text(metrics.rel_l2), error_text(site.limit_rel_l2))});
  out.push_back({"max_abs", fmt::format("{}, limit {}", error_text(metrics.max_abs), error_text(site.limit_max_abs))});
  if (!site.ratios.empty()) out.push_back({"noise", ratios_text(site)});
  out.push_back({"beyond", fmt::format("{} of {}", metrics.differing, count_text(metrics.elements, "element"))});
  if (has_digits(site)) out.push_back({"digits", digits_text(site.digits) + " verified"});
}

void add_divergence(const CaseResult& result, std::vector<Fact>& out) {
  const SiteResult& site = result.first_divergence->site;
  const std::size_t differing = site.verdict == Verdict::fail ? count_sites(result, Verdict::fail) : 0;
  out.push_back(
      {"site", place_text(site) + (differing > 1 ? fmt::format(" (the first of {} that differ)", differing) : "")});
  out.push_back({"source", fmt::format("{} (in transformers)", info(site.site).source)});
  if (was_compared(site)) add_figures(site, result.precision, out);
  if (!site.note.empty()) out.push_back({"note", printable(site.note)});
}

/// How many sites have `verdict`, and the first of them, a line each.
void add_list(const CaseResult& result, Verdict verdict, std::string_view label, std::vector<Fact>& out) {
  const std::size_t count = count_sites(result, verdict);
  if (count == 0) return;
  out.push_back({label, fmt::format("{} of {}", count, count_text(result.sites.size(), "site"))});
  std::size_t shown = 0;
  for (const SiteResult& site : result.sites) {
    if (site.verdict != verdict || shown == listed_sites) continue;
    const std::string note = site.note.empty() ? "" : ": " + printable(site.note);
    const std::string reason = verdict == Verdict::marginal ? ": " + headroom_reason(site) : "";
    out.push_back({"", place_text(site) + reason + note});
    ++shown;
  }
  if (count > shown) out.push_back({"", fmt::format("and {} more", count - shown)});
}

}  // namespace

std::string index_text(Site site, const Shape& index) {
  std::string_view axes = info(site).axes;
  if (static_cast<std::size_t>(std::ranges::count(axes, ',')) + 1 != index.size()) return to_string(index);
  std::string text;
  for (const std::size_t position : index) {
    const std::string_view axis = axes.substr(0, axes.find(','));
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", axis, position);
    axes.remove_prefix(std::min(axis.size() + 1, axes.size()));
  }
  return text;
}

std::string place_text(const SiteResult& site) {
  const std::string layer = site.layer ? fmt::format(", layer {}", site.layer->value) : "";
  return fmt::format("{}{}, call {}", name(site.site), layer, site.call.value);
}

std::string short_place_text(const SiteResult& site) {
  return (site.layer ? fmt::format("{} ", site.layer->value) : "") + std::string(name(site.site));
}

std::string case_text(const CaseResult& result) {
  if (!result.case_name.empty()) return printable(result.case_name);
  return printable(std::string_view(result.golden).substr(result.golden.rfind('/') + 1));
}

std::string engine_text(const golden::EngineRun& run) {
  std::string text = fmt::format("{} {}", printable(run.engine), name(run.precision));
  if (run.threads) text += ", " + count_text(*run.threads, "thread");
  if (!run.weights.empty()) text += fmt::format(", {} weights", run.weights);
  return text;
}

std::string not_provided_text(const std::string& engine, const std::vector<Site>& sites) {
  if (sites.empty()) return "";
  return fmt::format("not materialised by {}: {}", printable(engine), to_string(sites));
}

std::string not_recorded_text(const CaseResult& result) {
  return result.not_recorded.empty() ? "" : "not recorded: " + to_string(result.not_recorded);
}

std::string mode_text(const CaseResult& result) {
  return fmt::format("{}{}", name(result.mode), result.rows == golden::Rows::real ? ", real rows" : "");
}

std::string headline(const CaseResult& result) {
  if (!result.error.empty()) return printable(result.error);
  if (result.verdict == Verdict::pass) return "";
  if (result.verdict == Verdict::missing || result.verdict == Verdict::vacuous) {
    return fmt::format("{} of {} {}", count_sites(result, result.verdict), count_text(result.sites.size(), "site"),
                       result.verdict == Verdict::missing ? "missing" : "vacuous");
  }
  if (result.first_divergence && was_compared(result.first_divergence->site)) {
    const SiteResult& site = result.first_divergence->site;
    std::string text =
        fmt::format("{}: rel_l2 {}, limit {}; max_abs {}, limit {}", place_text(site), error_text(site.metrics.rel_l2),
                    error_text(site.limit_rel_l2), error_text(site.metrics.max_abs), error_text(site.limit_max_abs));
    if (const golden::NoiseRatio* const ratio = worst_ratio(site)) text += "; noise " + ratio_place_text(*ratio);
    return text;
  }
  if (result.first_divergence) return place_text(result.first_divergence->site);
  if (result.generation && result.generation->verdict != Verdict::pass) {
    const std::string token = token_text(*result.generation);
    return token.empty() ? printable(result.generation->note) : token;
  }
  if (result.verdict == Verdict::marginal) {
    if (const SiteResult* const site = deciding_site(result)) {
      return fmt::format("{}: {}", place_text(*site), headroom_reason(*site));
    }
  }
  if (result.tied_tokens > 0) return count_text(result.tied_tokens, "tied token");
  return std::string(name(result.verdict));
}

std::vector<Fact> facts(const CaseResult& result) {
  std::vector<Fact> out;
  if (!result.error.empty()) out.push_back({"error", printable(result.error)});
  if (result.first_divergence) add_divergence(result, out);
  if (result.generation) {
    for (Fact& fact : generation_facts(*result.generation)) out.push_back(std::move(fact));
  }
  for (Fact& fact : diagnosis_facts(result)) out.push_back(std::move(fact));
  add_list(result, Verdict::marginal, "marginal", out);
  add_list(result, Verdict::missing, "missing", out);
  add_list(result, Verdict::vacuous, "vacuous", out);
  if (result.verdict == Verdict::vacuous && count_sites(result, Verdict::vacuous) == 0) {
    const std::string absent = not_provided_text(result.engine, result.not_provided);
    const std::string unseen = not_recorded_text(result);
    out.push_back({"vacuous", "no site was compared" + (absent.empty() ? "" : "; " + absent) +
                                  (unseen.empty() ? "" : "; " + unseen)});
  }
  if (result.tied_tokens > 0) {
    out.push_back({"ties", fmt::format("{} whose margins let rounding choose either expert",
                                       count_text(result.tied_tokens, "token"))});
  }
  if (result.witness == golden::Witness::hf32) {
    out.push_back({"witness", "no truth in this golden: judged against hf32"});
  }
  for (Fact& fact : recorded_facts(result)) out.push_back(std::move(fact));
  if (std::string command = reproduce_text(result); !command.empty()) {
    out.push_back({"reproduce", std::move(command)});
  } else if (golden::exit_code(result.verdict) != 0) {
    out.push_back({"golden", printable(result.golden)});
  }
  return out;
}

std::string case_headroom_text(const CaseResult& result) {
  if (const SiteResult* const worst = worst_site(result)) return headroom_text(used(*worst));
  return result.generation && result.generation->worst_logits ? headroom_text(used(*result.generation)) : "";
}

std::string facts_text(const CaseResult& result) {
  std::string text;
  for (const Fact& fact : facts(result)) {
    text += fact.label.empty() ? fmt::format("  {}\n", fact.text) : fmt::format("{}: {}\n", fact.label, fact.text);
  }
  return text;
}

const SiteResult* deciding_site(const CaseResult& result) {
  if (result.verdict == Verdict::pass) return nullptr;
  if (result.first_divergence) return &result.first_divergence->site;
  const SiteResult* decides = nullptr;
  for (const SiteResult& site : result.sites) {
    if (site.verdict != result.verdict) continue;
    if (decides == nullptr || (was_compared(site) && used(site) > used(*decides))) decides = &site;
  }
  return decides;
}

std::string reproduce_text(const CaseResult& result) {
  if (result.first_divergence && !result.first_divergence->command.empty()) {
    return printable(result.first_divergence->command);
  }
  if (result.generation && result.generation->verdict == Verdict::fail) return printable(result.generation->command);
  return "";
}

std::string tally(const golden::Verification& verification) {
  std::string text = count_text(verification.results.size(), "case") + ":";
  std::string_view separator = " ";
  for (const Verdict verdict : {Verdict::pass, Verdict::tie, Verdict::marginal, Verdict::vacuous, Verdict::missing,
                                Verdict::stale, Verdict::fail, Verdict::invalid}) {
    const auto count = std::ranges::count(verification.results, verdict, &CaseResult::verdict);
    if (count == 0) continue;
    text += fmt::format("{}{} {}", separator, count, name(verdict));
    separator = ", ";
  }
  if (verification.results.empty()) text += " nothing was compared";
  return text;
}

double total_seconds(const golden::Verification& verification) {
  double seconds = 0;
  for (const CaseResult& result : verification.results) seconds += result.seconds;
  return seconds;
}

std::string peak_memory_text(const golden::Verification& verification) {
  std::size_t resident_bytes = 0;
  std::size_t anonymous_bytes = 0;
  for (const CaseResult& result : verification.results) {
    resident_bytes = std::max(resident_bytes, result.peak_rss_bytes);
    anonymous_bytes = std::max(anonymous_bytes, result.peak_anonymous_bytes);
  }
  if (resident_bytes == 0) return "";
  return fmt::format("peak {}, {} allocated", bytes_text(resident_bytes), bytes_text(anonymous_bytes));
}

}  // namespace assay::reports
