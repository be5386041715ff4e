// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/pages/parts.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "reports/bench/quantities.hpp"
#include "reports/figures.hpp"
#include "reports/html/markup.hpp"

namespace assay::reports {
namespace {

using bench::Result;
using bench::Verdict;

std::string_view sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::regressed:
      return "\xE2\x96\xB2";  // triangle up: more time
    case Verdict::improved:
      return "\xE2\x96\xBC";  // triangle down: less
    case Verdict::same:
      return "=";
    case Verdict::inconclusive:
      return "?";
    case Verdict::same_code:
      return "\xE2\x89\xA1";  // identical
    case Verdict::invalid:
      break;
  }
  return "\xC3\x97";  // multiplication sign
}

}  // namespace

std::string verdict_markup(Verdict verdict) {
  return fmt::format("<span class=\"verdict {}\"><span aria-hidden=\"true\">{}</span> {}</span>", tone_class(verdict),
                     sign_of(verdict), name(verdict));
}

std::string_view tone_class(Verdict verdict) {
  switch (verdict) {
    case Verdict::regressed:
    case Verdict::invalid:
      return "breaks";
    case Verdict::inconclusive:
      return "noted";
    case Verdict::improved:
      return "better";
    case Verdict::same:
    case Verdict::same_code:
      break;
  }
  return "holds";
}

std::string subject_text(const Result& result) {
  const auto model = result.settings.find("model");
  return model == result.settings.end() || model->second.empty() ? "Benchmark" : model->second;
}

std::string settings_text(const std::map<std::string, std::string>& settings) {
  std::string text;
  for (const auto& [key, value] : settings) {
    if (key != "model") text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, value);
  }
  return text;
}

std::string origin_text(const Result& result) {
  std::string text;
  const auto add = [&text](const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
  };
  std::string date = result.date;
  if (const std::size_t at = date.find('T'); at != std::string::npos) date[at] = ' ';
  add(date);
  add(result.program);
  if (!result.commit.empty()) add("commit " + result.commit);
  return text;
}

std::string noise_text(const Result& result) {
  const bench::Noise& noise = result.noise;
  if (!(noise.seconds > 0)) return "Nobody watched who else wanted the machine.";
  return fmt::format(
      "In the {} of the run the host took {} from the cores, {} of the time somebody waited for a core; involuntary "
      "switches: {}, page faults from disk: {}.",
      seconds_text(noise.seconds), duration_text(noise.steal_seconds), percent_text(noise.pressure_share),
      noise.involuntary_switches, noise.major_faults);
}

boost::json::value drawn_number(double number, int digits) {
  if (!std::isfinite(number)) return nullptr;
  return std::strtod(fmt::format("{:.{}g}", number, digits).c_str(), nullptr);
}

boost::json::array drawn_seconds(const std::vector<bench::Sample>& samples) {
  boost::json::array seconds;
  for (const bench::Sample& sample : samples) seconds.push_back(drawn_number(sample.real_seconds, 5));
  return seconds;
}

std::string section_markup(std::string_view id, std::string_view classes, std::string_view heading,
                           std::string_view meaning, std::string_view inside) {
  std::string text = fmt::format("<section id=\"{}\" class=\"{}\">\n<h2>{}</h2>\n", id, classes, html_text(heading));
  if (!meaning.empty()) text += fmt::format("<p class=\"meaning\">{}</p>\n", html_text(meaning));
  return text + std::string(inside) + "</section>\n";
}

std::string warnings_markup(const Warnings& warnings) {
  if (warnings.empty()) return "";
  std::string text = "<ul class=\"warnings\">\n";
  for (const std::string& warning : warnings) text += fmt::format("<li>{}</li>\n", html_text(warning));
  return text + "</ul>\n";
}

}  // namespace assay::reports
