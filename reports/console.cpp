// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/console.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "reports/facts.hpp"
#include "reports/figures.hpp"
#include "reports/generation.hpp"
#include "reports/terminal.hpp"
#include "reports/text.hpp"
#include "reports/triangle.hpp"

namespace assay::reports {
namespace {

using golden::CaseResult;
using golden::SiteResult;
using golden::Verdict;

constexpr std::size_t run_width = 33;
constexpr std::size_t case_width = 24;
constexpr std::size_t place_width = 18;  // "100 expert_gate_up"
constexpr std::size_t block_indent = 4;
constexpr std::size_t label_width = 11;
constexpr std::size_t summary_indent = 9;

std::string_view colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "32";
    case Verdict::tie:
      return "36";
    case Verdict::marginal:
    case Verdict::vacuous:
    case Verdict::missing:
    case Verdict::stale:
      return "33";
    case Verdict::fail:
    case Verdict::invalid:
      return "1;31";
  }
  return "0";
}

std::string verdict_column(Verdict verdict, Style style) {
  return paint(fmt::format("{:<8}", name(verdict)), colour_of(verdict), style.colour);
}

/// A run with more to say than fits beside the columns has a line to itself.
std::string heading(const std::string& run, Style style) {
  const bool fits = columns(run) <= run_width;
  const std::string above = fits ? "" : paint(shorten(run, terminal_width), bold, style.colour) + "\n";
  const std::string beside = fits ? run : "";
  return above +
         paint(fmt::format("{:<{}} sites   time digits headroom worst site", beside, run_width), bold, style.colour) +
         "\n";
}

/// Indented lines, those behind the first a little more.
std::string indented(const std::string& text) {
  std::string out;
  std::size_t indent = block_indent;
  for (const std::string& line : wrap(text, terminal_width - block_indent - 2)) {
    out += fmt::format("{:{}}{}\n", "", indent, line);
    indent = block_indent + 2;
  }
  return out;
}

std::string case_line(const CaseResult& result, Style style) {
  std::string line = fmt::format("{} {:<{}} {:>5} {:>6}", verdict_column(result.verdict, style),
                                 shorten(case_text(result), case_width), case_width, result.sites.size(),
                                 seconds_text(result.seconds));
  if (const SiteResult* const worst = worst_site(result)) {
    const std::optional<double> digits = verified_digits(result);
    line += fmt::format(" {:>6} {:>8} {}", digits ? digits_text(*digits) : "-", case_headroom_text(result),
                        shorten(short_place_text(*worst), place_width));
  } else if (result.generation && result.generation->worst_logits) {
    line += fmt::format(" {:>6} {:>8} {}", "-", case_headroom_text(result), tokens_text(*result.generation));
  }
  return line + "\n";
}

std::string block(const CaseResult& result, Style style) {
  std::string text;
  for (const Fact& fact : facts(result)) {
    const std::string label(fact.label);
    if (label == "reproduce") {  // whole on its line, to be copied
      text += fmt::format("{:{}}reproduce: {}\n", "", block_indent, paint(fact.text, bold, style.colour));
      continue;
    }
    std::string lead = label.empty() ? "" : label + ":";
    for (const std::string& line : wrap(fact.text, terminal_width - block_indent - label_width)) {
      text += fmt::format("{:{}}{:<{}}{}\n", "", block_indent, lead, label_width, line);
      lead.clear();
    }
  }
  return text;
}

/// The worse verdict first, then the larger share of the limit.
bool is_worse(const SiteResult& a, const SiteResult& b) {
  if (a.verdict != b.verdict) return golden::worse(a.verdict, b.verdict) == a.verdict;
  return was_compared(a) && (!was_compared(b) || used(a) > used(b));
}

}  // namespace

std::string CaseLines::next(const CaseResult& result) {
  if (style_.show == Show::broken && golden::exit_code(result.verdict) == 0) return "";
  std::string text;
  const std::string run = fmt::format("{}, {}", engine_text(result), mode_text(result));
  if (run != run_) {
    text += heading(run, style_);
    absent_.clear();
  }
  run_ = run;
  std::vector<Site> news;
  for (const Site site : result.not_provided) {
    if (absent_.insert(site).second) news.push_back(site);
  }
  if (!news.empty()) text += indented(not_provided_text(result.engine, news));
  return text + case_line(result, style_) + block(result, style_);
}

namespace {

/// What the goldens do not hold: of one golden its sites, of several how many they are; "" where they hold everything.
std::string partial_goldens(const golden::Verification& verification) {
  std::map<std::string, const CaseResult*> partial;
  for (const CaseResult& result : verification.results) {
    if (!result.not_recorded.empty()) partial.emplace(result.golden, &result);
  }
  if (partial.empty()) return "";
  if (partial.size() == 1) return not_recorded_text(*partial.begin()->second);
  return fmt::format("{} goldens record a part of their sites (assay inspect GOLDEN)", partial.size());
}

}  // namespace

std::string summary(const golden::Verification& verification, Style style) {
  if (style.show == Show::broken) return "";
  std::string text = "\n" + verdict_column(verdict_of(verification), style);
  const std::string memory = peak_memory_text(verification);
  const std::string line = fmt::format("{}  ({}{}{})", tally(verification), seconds_text(total_seconds(verification)),
                                       memory.empty() ? "" : ", ", memory);
  std::string_view separator = " ";
  const std::string indent(summary_indent, ' ');
  for (const std::string& part : wrap(line, terminal_width - summary_indent)) {
    text += fmt::format("{}{}\n", separator, part);
    separator = indent;
  }
  const std::string partial = partial_goldens(verification);
  if (partial.empty()) return text;
  for (const std::string& part : wrap(partial, terminal_width - summary_indent)) text += indent + part + "\n";
  return text;
}

std::string console(const golden::Verification& verification, Style style) {
  std::string text;
  CaseLines lines(style);
  for (const CaseResult& result : verification.results) text += lines.next(result);
  return text + triangle_table(verification.triangles, style) + summary(verification, style);
}

std::string layer_table(const CaseResult& result, Style style) {
  std::map<std::optional<LayerIndex>, const SiteResult*> worst;
  for (const SiteResult& site : result.sites) {
    const auto [row, is_new] = worst.try_emplace(site.layer, &site);
    if (!is_new && is_worse(site, *row->second)) row->second = &site;
  }
  std::string text =
      fmt::format("{}, {}, {}\n", shorten(case_text(result), 40), engine_text(result), mode_text(result));
  text += fmt::format("{} in {}, peak {}, {} allocated\n", count_text(result.sites.size(), "site"),
                      seconds_text(result.seconds), bytes_text(result.peak_rss_bytes),
                      bytes_text(result.peak_anonymous_bytes));
  text += paint("layer verdict  worst site     call  rel_l2   limit  noise  gate digits headroom", bold, style.colour) +
          "\n";
  for (const auto& [layer, site] : worst) {
    text += fmt::format("{:>5} {} {:<14} {:>4}", layer ? fmt::to_string(layer->value) : "model",
                        verdict_column(site->verdict, style), name(site->site), site->call.value);
    if (was_compared(*site)) {
      const golden::NoiseRatio* const ratio = worst_ratio(*site);
      text += fmt::format(" {:>7} {:>7} {:>6} {:>5} {:>6} {:>8}", error_text(site->metrics.rel_l2),
                          error_text(site->limit_rel_l2), ratio == nullptr ? "-" : noise_text(ratio->value),
                          ratio == nullptr ? "-" : noise_text(ratio->gate),
                          has_digits(*site) ? digits_text(site->digits) : "-", headroom_text(used(*site)));
    }
    text += '\n';
  }
  return text;
}

}  // namespace assay::reports
