// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/pages/row_figures.hpp"

#include "bench/statistics/summary.hpp"
#include "reports/bench/quantities.hpp"

namespace assay::reports {
namespace {

std::optional<double> per_second(const bench::Row& row, const std::string& rate, const std::string& amount) {
  if (const std::optional<double> counted = counter(row, rate)) return counted;
  const std::optional<double> of_call = counter(row, amount);
  const std::optional<double> seconds = median_seconds(row);
  if (!of_call || !seconds || !(*seconds > 0)) return std::nullopt;
  return *of_call / *seconds;
}

}  // namespace

std::optional<double> counter(const bench::Row& row, const std::string& name) {
  const auto found = row.counters.find(name);
  if (found == row.counters.end()) return std::nullopt;
  return found->second;
}

std::string counter_text(std::string_view name, double value) {
  if (name == "time_to_first_token" || name.starts_with("latency_")) return duration_text(value);
  if (name == "FLOP/s") return scaled_text(value, "FLOP/s");
  if (name == "bytes/s") return scaled_text(value, "B/s");
  if (name == "flops") return scaled_text(value, "FLOP");
  if (name == "bytes") return scaled_text(value, "B");
  if (name == "share_of_roof") return percent_text(value);
  return number_text(value);
}

std::optional<double> median_seconds(const bench::Row& row) {
  if (row.samples.empty()) return std::nullopt;
  return bench::median(bench::real_seconds(row.samples));
}

bench::Work work_of(const bench::Row& row) {
  return {.flops = counter(row, "flops").value_or(0),
          .bytes = counter(row, "bytes").value_or(0),
          .seconds = median_seconds(row).value_or(0)};
}

std::optional<double> flop_rate(const bench::Row& row) { return per_second(row, "FLOP/s", "flops"); }

std::optional<double> byte_rate(const bench::Row& row) { return per_second(row, "bytes/s", "bytes"); }

std::optional<double> share_of_row(const bench::Row& row, const bench::Roofs& roofs) {
  const std::optional<double> share = share_of_roof(work_of(row), roofs);
  return share ? share : counter(row, "share_of_roof");
}

}  // namespace assay::reports
