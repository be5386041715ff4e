// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/pages/bench_pages.hpp"

#include <fmt/format.h>

#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "reports/bench/html.hpp"
#include "tests/reports/bench_samples.hpp"

namespace assay::reports::samples {
namespace {

using bench::Comparison;
using bench::History;
using bench::Result;
using bench::RowComparison;
using bench::Verdict;

constexpr std::string_view program = "assay, a sample\n";

void slow_down(bench::Row& row, double ratio) {
  for (bench::Sample& sample : row.samples) sample.real_seconds *= ratio;
}

RowComparison compared(const bench::Row& row, Verdict verdict, double ratio, double half_width) {
  RowComparison one;
  one.name = row.name;
  one.verdict = verdict;
  one.pairs = row.samples.size();
  one.base_seconds = row.samples[row.samples.size() / 2].real_seconds;
  one.new_seconds = ratio * one.base_seconds;
  one.ratio = {ratio, ratio * (1 - half_width), ratio * (1 + half_width)};
  one.control = bench::Ratio{1.002, 0.996, 1.009};
  one.floor = 0.03;
  one.p = verdict == Verdict::regressed ? 0.00002 : 0.21;
  one.adjusted_p = std::min(1.0, 4 * one.p);
  one.reason = "interval -0.4% to +0.9% is within the floor of 3.0%";
  return one;
}

std::string comparison_of(Result base, bool hostile) {
  for (bench::Row& row : base.rows) row.control = row.samples;
  Result fresh = base;
  fresh.commit = "89abcdef0123456789abcdef0123456789abcdef";
  fresh.date = "2026-11-26T10:30:00+00:00";
  fresh.machine["kernel"] = "6.1.0-29-amd64";
  Comparison comparison;
  comparison.base = {"base.json", base.date, base.program, base.commit};
  comparison.fresh = {"new.json", fresh.date, fresh.program, fresh.commit};
  comparison.warnings = {"machines differ: kernel: 6.1.0-28-amd64 in base.json, 6.1.0-29-amd64 in new.json"};
  for (std::size_t i = 0; i < base.rows.size(); ++i) {
    bench::Row& row = fresh.rows[i];
    const std::size_t kind = i % 50;
    const double noise = 0.004 * std::sin(static_cast<double>(i) * 2.3);
    if (kind == 1) {
      slow_down(row, 1.098);
      comparison.rows.push_back(compared(base.rows[i], Verdict::regressed, 1.098, 0.012));
      comparison.rows.back().reason = "+9.8% (+8.5% to +11.1%) is beyond the floor of 3.0%, p 0.00012";
      comparison.rows.back().instructions = 1.061;
    } else if (kind == 2) {
      slow_down(row, 0.93);
      comparison.rows.push_back(compared(base.rows[i], Verdict::improved, 0.93, 0.009));
    } else if (kind == 3) {
      RowComparison& invalid = comparison.rows.emplace_back();
      invalid.name = row.name;
      invalid.verdict = Verdict::invalid;
      invalid.reason = "in base.json: " + base.rows[i].invalid;
    } else if (kind == 4) {
      comparison.rows.push_back(compared(base.rows[i], Verdict::inconclusive, 1.021, 0.045));
      comparison.rows.back().reason = "interval -2.5% to +6.7% is neither within the floor of 3.0% nor beyond it";
    } else if (kind == 5) {
      comparison.rows.push_back(compared(base.rows[i], Verdict::same_code, 1.0 + noise, 0.01));
      comparison.rows.back().reason = "the compiled code is the same";
    } else {
      comparison.rows.push_back(compared(base.rows[i], Verdict::same, 1.0 + noise, 0.006));
      if (i == 160) comparison.rows.back().ratio = {7.1, 6.2, 8.4};
    }
  }
  if (hostile) {
    const std::string evil = hostile_text();
    comparison.base = comparison.fresh = {evil, evil, evil, evil};
    comparison.warnings = {evil};
    for (RowComparison& row : comparison.rows) row.reason = evil;
  }
  return comparison_page(comparison, base, fresh, program);
}

bench::Trend trend_of(const std::string& name, std::size_t count, double seconds, const std::vector<bench::Step>& steps,
                      std::mt19937& engine) {
  bench::Trend trend{.name = name, .points = {}, .steps = steps};
  double level = seconds;
  for (std::size_t i = 0; i < count; ++i) {
    for (const bench::Step& step : steps) {
      if (step.place == i) level *= step.ratio;
    }
    const double time = level * (1 + 0.012 * (std::ldexp(static_cast<double>(engine()), -32) - 0.5));
    trend.points.push_back({fmt::format("2026-{:02}-{:02}T02:00:00+00:00", 9 + i / 28, 1 + i % 28),
                            fmt::format("{:07x}9abcdef", 0xa1b2c0 + 37 * i), fmt::format("night-{:03}.json", i), time,
                            0.994 * time, 1.007 * time, 10});
  }
  return trend;
}

History history_of(std::size_t rows, std::size_t count) {
  std::mt19937 engine(5);
  History history{.folder = "results", .groups = {}, .warnings = {}};
  for (const std::string_view cpu : {"AMD EPYC 7763", "Intel Xeon 8370C"}) {
    bench::HistoryGroup group{.machine = {{"cpu", std::string(cpu)}, {"cores", "2"}},
                              .settings = {{"model", "granite-4.0-h-tiny"}, {"engine", "optimized"}, {"layers", "4"}},
                              .results = count,
                              .rows = {}};
    for (std::size_t i = 0; i < rows; ++i) {
      std::vector<bench::Step> steps;
      if (i == 0 && count > 50) steps = {{31, 1.124, 2e-9}, {48, 0.95, 4e-5}};
      if (i == 4 && count > 50) steps = {{44, 0.71, 1e-12}};
      group.rows.push_back(
          trend_of(fmt::format("{}/tokens:{}/depth:0/batch:1", i % 2 == 0 ? "prefill" : "decode", 64 * (i + 1)), count,
                   0.05 * static_cast<double>(i + 1), steps, engine));
    }
    history.groups.push_back(std::move(group));
    if (count < 50) break;
  }
  return history;
}

History hostile_history() {
  const std::string evil = hostile_text();
  History history = history_of(5, 60);
  history.folder = evil;
  history.warnings = {evil};
  for (bench::HistoryGroup& group : history.groups) {
    group.machine[evil] = evil + group.machine["cpu"];
    group.settings["model"] = evil;
    for (bench::Trend& trend : group.rows) {
      trend.name = evil + trend.name;
      for (bench::Point& point : trend.points) point.date = point.commit = point.file = evil;
    }
  }
  return history;
}

}  // namespace

std::optional<std::string> bench_page(std::string_view sample) {
  if (sample == "result") return result_page(whole_result(40), program);
  if (sample == "result-large") return result_page(whole_result(400), program);
  if (sample == "result-many") return result_page(plain_result(2000), program);
  if (sample == "result-bare") return result_page(plain_result(1), program);
  if (sample == "result-empty") return result_page({}, program);
  if (sample == "result-hostile") return result_page(hostile_result(), program);
  if (sample == "comparison") return comparison_of(whole_result(40), false);
  if (sample == "comparison-many") return comparison_of(plain_result(2000), false);
  if (sample == "comparison-one") return comparison_of(plain_result(1), false);
  if (sample == "comparison-hostile") return comparison_of(hostile_result(), true);
  if (sample == "history") return history_page(history_of(6, 80), program);
  if (sample == "history-many") return history_page(history_of(1000, 60), program);
  if (sample == "history-one") return history_page(history_of(1, 1), program);
  if (sample == "history-empty") return history_page({}, program);
  if (sample == "history-hostile") return history_page(hostile_history(), program);
  return std::nullopt;
}

}  // namespace assay::reports::samples
