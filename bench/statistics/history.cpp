// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "bench/result/date.hpp"
#include "bench/statistics/bootstrap.hpp"
#include "bench/statistics/launches.hpp"
#include "bench/statistics/summary.hpp"
#include "model/error.hpp"

namespace assay::bench {
namespace {

HistoryGroup& group_of(const Result& result, History& history) {
  const auto found = std::ranges::find_if(history.groups, [&](const HistoryGroup& group) {
    return group.machine == result.machine && group.settings == result.settings;
  });
  if (found != history.groups.end()) return *found;
  history.groups.push_back({result.machine, result.settings, 0, {}});
  return history.groups.back();
}

Trend& trend_of(const std::string& name, HistoryGroup& group) {
  const auto found = std::ranges::find(group.rows, name, &Trend::name);
  if (found != group.rows.end()) return *found;
  group.rows.push_back({name, {}, {}});
  return group.rows.back();
}

Point point_of(const StoredResult& stored, const Row& row) {
  const std::vector<double> seconds = real_seconds(row.samples);
  const Interval interval = median_interval(in_launches(seconds, samples_per_launch(stored.result, stored.file)));
  return {stored.result.date, stored.result.commit, stored.file,   median(seconds),
          interval.low,       interval.high,        seconds.size()};
}

void add(const StoredResult& stored, History& history) {
  HistoryGroup& group = group_of(stored.result, history);
  ++group.results;
  for (const Row& row : stored.result.rows) {
    if (!row.invalid.empty()) {
      history.warnings.push_back(
          fmt::format("{}: benchmark \"{}\" is left out: {}", stored.file, row.name, row.invalid));
      continue;
    }
    trend_of(row.name, group).points.push_back(point_of(stored, row));
  }
}

/// The oldest first; of the same second by name.
void sort_by_date(std::vector<StoredResult>& results) {
  std::vector<std::pair<std::chrono::sys_seconds, StoredResult>> dated;
  for (StoredResult& stored : results) {
    const auto date = parse_date(stored.result.date, stored.file + ": date");
    dated.emplace_back(date, std::move(stored));
  }
  std::ranges::stable_sort(dated, {}, [](const auto& entry) { return std::pair(entry.first, entry.second.file); });
  results.clear();
  for (auto& entry : dated) results.push_back(std::move(entry.second));
}

}  // namespace

History make_history(const std::string& folder, std::vector<StoredResult> results, const StepOptions& options) {
  if (results.empty()) throw Error(fmt::format("{}: expected results of benchmarks, found none", folder));
  sort_by_date(results);
  History history;
  history.folder = folder;
  for (const StoredResult& stored : results) add(stored, history);
  for (HistoryGroup& group : history.groups) {
    for (Trend& trend : group.rows) {
      std::vector<double> seconds;
      for (const Point& point : trend.points) seconds.push_back(point.seconds);
      trend.steps = find_steps(seconds, options);
    }
  }
  return history;
}

}  // namespace assay::bench
