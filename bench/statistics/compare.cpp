// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "bench/statistics/bootstrap.hpp"
#include "bench/statistics/comparability.hpp"
#include "bench/statistics/launches.hpp"
#include "bench/statistics/rank_tests.hpp"
#include "bench/statistics/row_verdict.hpp"
#include "bench/statistics/summary.hpp"
#include "model/error.hpp"

namespace assay::bench {
namespace {

std::vector<double> log_seconds(std::span<const Sample> samples) {
  std::vector<double> logs = real_seconds(samples);
  for (double& value : logs) value = std::log(value);
  return logs;
}

/// log(b / a), pair by pair.
std::vector<double> log_ratios(std::span<const Sample> a, std::span<const Sample> b) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < a.size(); ++i) ratios.push_back(std::log(b[i].real_seconds / a[i].real_seconds));
  return ratios;
}

Ratio ratio_of(double median_log, const Interval& interval) {
  return {std::exp(median_log), std::exp(interval.low), std::exp(interval.high)};
}

Ratio paired_ratio(const std::vector<double>& ratios, std::size_t launch) {
  return ratio_of(median(ratios), median_interval(in_launches(ratios, launch)));
}

struct Launch {
  std::size_t base = 1;
  std::size_t fresh = 1;
};

/// The control of base; that of the new result where base has none.
std::optional<Ratio> control_of(const Row& base, const Row& fresh, const Launch& launch) {
  const auto ratio = [](const Row& row, std::size_t size) {
    return paired_ratio(log_ratios(row.samples, row.control), size);
  };
  if (!base.control.empty()) return ratio(base, launch.base);
  if (!fresh.control.empty()) return ratio(fresh, launch.fresh);
  return std::nullopt;
}

void compare_pairs(const Row& base, const Row& fresh, const Launch& launch, RowComparison& row) {
  const std::vector<double> ratios = log_ratios(base.samples, fresh.samples);
  row.pairs = ratios.size();
  row.ratio = paired_ratio(ratios, launch.base);
  row.p = wilcoxon_p(ratios);
}

void compare_apart(const Row& base, const Row& fresh, const Launch& launch, RowComparison& row) {
  const std::vector<double> before = log_seconds(base.samples);
  const std::vector<double> after = log_seconds(fresh.samples);
  row.pairs = std::min(before.size(), after.size());
  row.ratio = ratio_of(median(after) - median(before),
                       median_difference_interval(in_launches(before, launch.base), in_launches(after, launch.fresh)));
  row.p = mann_whitney_p(before, after);
}

std::string invalid_reason(const Row& base, const Row& fresh) {
  std::string reason;
  if (!base.invalid.empty()) reason = "base: " + base.invalid;
  if (!fresh.invalid.empty()) reason += (reason.empty() ? "new: " : "; new: ") + fresh.invalid;
  return reason;
}

/// Everything but the verdict of a row that has times.
RowComparison figures(const Row& base, const Row& fresh, bool paired, const Launch& launch,
                      const CompareOptions& options) {
  RowComparison row;
  row.name = base.name;
  row.paired = paired;
  if (!base.invalid.empty() || !fresh.invalid.empty()) {
    row.verdict = Verdict::invalid;
    row.reason = invalid_reason(base, fresh);
    return row;
  }
  if (paired && base.samples.size() != fresh.samples.size()) {
    throw Error(
        fmt::format("{}, {}: benchmark \"{}\": expected as many samples in both, which were taken in turns, "
                    "found {} and {}",
                    options.base_file, options.fresh_file, base.name, base.samples.size(), fresh.samples.size()));
  }
  row.base_seconds = median(real_seconds(base.samples));
  row.new_seconds = median(real_seconds(fresh.samples));
  (paired ? compare_pairs : compare_apart)(base, fresh, launch, row);
  row.control = control_of(base, fresh, launch);
  row.floor = floor_of(row, options.rule);
  if (base.instructions && fresh.instructions) row.instructions = *fresh.instructions / *base.instructions;
  if (!base.code.empty() && base.code == fresh.code) {
    row.verdict = Verdict::same_code;
    row.reason = "its compiled code is the same";
  }
  return row;
}

bool is_decided(const RowComparison& row) {
  return row.verdict == Verdict::invalid || row.verdict == Verdict::same_code;
}

/// Over the rows that ask the question at all.
std::size_t correct_for_rows(std::vector<RowComparison>& rows, const Rule& rule) {
  std::vector<RowComparison*> tested;
  std::vector<double> p;
  for (RowComparison& row : rows) {
    row.adjusted_p = row.p;
    if (is_decided(row) || !is_tested(row, rule)) continue;
    tested.push_back(&row);
    p.push_back(row.p);
  }
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < tested.size(); ++i) tested[i]->adjusted_p = adjusted[i];
  return tested.size();
}

Side side_of(const Result& result, const std::string& file) {
  return {file, result.date, result.program, result.commit};
}

}  // namespace

Comparison compare(const Result& base, const Result& fresh, const CompareOptions& options) {
  Comparison comparison;
  comparison.base = side_of(base, options.base_file);
  comparison.fresh = side_of(fresh, options.fresh_file);
  comparison.warnings = check_comparable(base, fresh, options);
  const bool paired = !base.pairing.empty() && base.pairing == fresh.pairing;
  const Launch launch{samples_per_launch(base, options.base_file), samples_per_launch(fresh, options.fresh_file)};
  for (const Row& row : base.rows) {
    const Row& other = *std::ranges::find(fresh.rows, row.name, &Row::name);
    comparison.rows.push_back(figures(row, other, paired, launch, options));
  }
  const std::size_t tests = correct_for_rows(comparison.rows, options.rule);
  for (RowComparison& row : comparison.rows) {
    if (!is_decided(row)) judge(row, options.rule, tests);
  }
  return comparison;
}

}  // namespace assay::bench
