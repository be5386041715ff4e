// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/rates.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string_view>

#include "model/files/json.hpp"
#include "reports/json_values.hpp"
#include "reports/markdown.hpp"
#include "reports/terminal.hpp"
#include "reports/text.hpp"
#include "reports/text_table.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;

using bench::Interval;
using bench::Rate;
using bench::Rates;

std::string_view verdict_of(const Rate& rate) {
  if (!rate.at_least && !rate.at_most) return "told";
  return holds(rate) ? "holds" : "misses";
}

std::string bound_text(const Rate& rate) {
  if (rate.at_least) return fmt::format("at least {}", *rate.at_least);
  if (rate.at_most) return fmt::format("at most {}", *rate.at_most);
  return "";
}

std::string percent(double share) { return fmt::format("{:.1f}%", 100 * share); }

Table rates_table(const Rates& rates) {
  using enum Table::Column::Align;
  Table table;
  table.columns = {{"what", left}, {"hits"}, {"rate"}, {"95% interval"}, {"bound", left}, {"", left}};
  for (const Rate& rate : rates.rates) {
    const Interval interval = interval_of(rate);
    const double share = static_cast<double>(rate.hits) / static_cast<double>(rate.trials);
    Table::Row row;
    row.cells = {printable(rate.name), fmt::format("{} of {}", rate.hits, rate.trials),
                 percent(share),       fmt::format("{} to {}", percent(interval.low), percent(interval.high)),
                 bound_text(rate),     std::string(verdict_of(rate))};
    if (!holds(rate)) row.tone = Table::Row::Tone::wrong;
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// "one op 5% slower: optimized/conv/...": a line a rate that has trials that went wrong.
std::vector<std::string> missed_lines(const Rates& rates) {
  std::vector<std::string> lines;
  for (const Rate& rate : rates.rates) {
    if (rate.missed.empty()) continue;
    lines.push_back(printable(fmt::format("{}: {}", rate.name, fmt::join(rate.missed, ", "))));
  }
  return lines;
}

}  // namespace

std::string rates_console(const Rates& rates, Style style) {
  std::string text;
  for (const std::string& fact : rates.facts) text += wrapped(printable(fact));
  text += "\n" + text_table(rates_table(rates), style.colour);
  const std::vector<std::string> missed = missed_lines(rates);
  if (!missed.empty()) text += "\nWrong in\n";
  for (const std::string& line : missed) text += wrapped(line);
  return text;
}

std::string rates_markdown(const Rates& rates) {
  std::string text = "## Is the comparison to be trusted?\n\n";
  for (const std::string& fact : rates.facts) text += "- " + markdown_text(fact) + "\n";
  text += "\n" + markdown_table(rates_table(rates));
  const std::vector<std::string> missed = missed_lines(rates);
  if (!missed.empty()) text += "\nWrong in\n\n";
  for (const std::string& line : missed) text += "- " + markdown_text(line) + "\n";
  return text;
}

std::string rates_json(const Rates& rates) {
  json::array rows;
  for (const Rate& rate : rates.rates) {
    const Interval interval = interval_of(rate);
    json::object row{{"name", json_text(rate.name)},
                     {"hits", rate.hits},
                     {"trials", rate.trials},
                     {"low", json_number(interval.low)},
                     {"high", json_number(interval.high)},
                     {"verdict", verdict_of(rate)}};
    if (rate.at_least) row["at_least"] = *rate.at_least;
    if (rate.at_most) row["at_most"] = *rate.at_most;
    json::array missed;
    for (const std::string& name : rate.missed) missed.push_back(json_text(name));
    row["missed"] = std::move(missed);
    rows.push_back(std::move(row));
  }
  json::array facts;
  for (const std::string& fact : rates.facts) facts.push_back(json_text(fact));
  return pretty_json(
      json::object{{"schema", bench::rates_schema}, {"facts", std::move(facts)}, {"rates", std::move(rows)}});
}

}  // namespace assay::reports
