// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "reports/bench/html.hpp"
#include "reports/bench/pages/parts.hpp"
#include "reports/bench/pages/sections.hpp"
#include "reports/bench/quantities.hpp"
#include "reports/figures.hpp"
#include "reports/html/document.hpp"
#include "reports/html/markup.hpp"

namespace assay::reports {
namespace {

using bench::Result;

std::size_t invalid_rows(const Result& result) {
  return static_cast<std::size_t>(
      std::ranges::count_if(result.rows, [](const bench::Row& row) { return !row.invalid.empty(); }));
}

std::string header_markup(const Result& result) {
  std::string text = fmt::format("<header>\n<h1>{}</h1>\n", html_text(subject_text(result)));
  const std::string settings = settings_text(result.settings);
  if (!settings.empty()) text += fmt::format("<p class=\"tally\">{}</p>\n", html_text(settings));
  if (const std::size_t invalid = invalid_rows(result); invalid > 0) {
    text += fmt::format(
        "<p class=\"alarm\">{} {} of {}: the output of a timed call was wrong, so that the times say nothing.</p>\n",
        verdict_markup(bench::Verdict::invalid), invalid, count_text(result.rows.size(), "row"));
  }
  const std::string origin = origin_text(result);
  if (!origin.empty()) text += fmt::format("<p class=\"quiet\">{}</p>\n", html_text(origin));
  return text + fmt::format("<p class=\"quiet\">{}</p>\n</header>\n", html_text(noise_text(result)));
}

std::string conditions_section(const Result& result) {
  std::vector<std::pair<std::string, std::string>> entries(result.machine.begin(), result.machine.end());
  if (result.roofs.flops_per_second > 0) {
    entries.emplace_back("peak, measured", scaled_text(result.roofs.flops_per_second, "FLOP/s"));
  }
  if (result.roofs.bytes_per_second > 0) {
    entries.emplace_back("bandwidth, measured", scaled_text(result.roofs.bytes_per_second, "B/s"));
  }
  std::string text;
  if (!entries.empty()) text += "<h3>Machine</h3>\n" + list_markup(entries);
  if (!result.settings.empty()) {
    text += "<h3>Settings</h3>\n" + list_markup({result.settings.begin(), result.settings.end()});
  }
  return text.empty() ? "" : section_markup("conditions", "", "Machine and settings", "", text);
}

/// What a reader would look for in vain.
std::string absent_section(const Result& result) {
  std::vector<std::pair<std::string, std::string>> absent;
  if (result.rows.empty()) absent.emplace_back("rows", "nothing was timed");
  if (result.ledger.empty()) absent.emplace_back("time by layer and group", "not profiled: assay bench --profile");
  if (result.roofs.flops_per_second <= 0 || result.roofs.bytes_per_second <= 0) {
    absent.emplace_back("shares of the roof", "the roofs of the machine were not measured beside the rows");
  }
  if (result.memory.empty()) absent.emplace_back("memory", "not watched");
  if (result.experts.empty()) absent.emplace_back("tokens by expert", "not counted, or the model has no experts");
  return absent.empty() ? "" : section_markup("absent", "", "Not in this result", "", list_markup(absent));
}

}  // namespace

std::string result_page(const Result& result, std::string_view program) {
  const std::size_t invalid = invalid_rows(result);
  std::string title = fmt::format("{}: {}", subject_text(result), count_text(result.rows.size(), "row"));
  if (invalid > 0) title += fmt::format(", {} INVALID", invalid);
  return html_document(title, header_markup(result),
                       rows_section(result) + time_section(result) + roofline_section(result) + memory_section(result) +
                           experts_section(result) + ledger_section(result) + conditions_section(result) +
                           absent_section(result),
                       program);
}

}  // namespace assay::reports
