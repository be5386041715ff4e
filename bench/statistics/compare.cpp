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

constexpr std::string_view same_code_reason = "its compiled code is the same";

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

bool is_same_code(const Row& base, const Row& fresh) { return !base.code.empty() && base.code == fresh.code; }

/// A row of equal code need not have been measured; it has a reason why not, and no times.
bool is_not_measured(const Row& base, const Row& fresh) {
  return is_same_code(base, fresh) && base.samples.empty() && fresh.samples.empty();
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
  if (is_not_measured(base, fresh)) {
    row.verdict = Verdict::same_code;
    row.reason = same_code_reason;
    return row;
  }
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
  if (is_same_code(base, fresh)) {
    row.verdict = Verdict::same_code;
    row.reason = same_code_reason;
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

/// How the samples of a result belong together.
struct Grouping {
  Grouping(const Result& result, const std::string& origin)
      : file(origin),
        pair(samples_per_pair(result, file)),
        pairs_per_launch(std::max<std::size_t>(samples_per_launch(result, file) / pair, 1)) {}

  /// The row with a value for each pair in the place of its samples.
  [[nodiscard]] Row values(Row row) const {
    if (row.samples.size() % pair != 0) {
      throw Error(
          fmt::format("{}: benchmark \"{}\": expected a multiple of {} samples, as the setting samples_per_pair says, "
                      "found {}",
                      file, row.name, pair, row.samples.size()));
    }
    row.samples = quickest_of_each(row.samples, pair);
    row.control = quickest_of_each(row.control, pair);
    return row;
  }

  const std::string& file;
  std::size_t pair = 1;
  std::size_t pairs_per_launch = 1;
};

/// check_comparable has seen that it is there.
const Row& row_of(const Result& result, const std::string& name) {
  return *std::ranges::find(result.rows, name, &Row::name);
}

bool have_other_outputs(const Row& base, const Row& fresh) {
  return !base.digest.empty() && !fresh.digest.empty() && base.digest != fresh.digest;
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
  const Grouping before(base, options.base_file);
  const Grouping after(fresh, options.fresh_file);
  const Launch launch{before.pairs_per_launch, after.pairs_per_launch};
  for (const Row& row : base.rows) {
    comparison.rows.push_back(
        figures(before.values(row), after.values(row_of(fresh, row.name)), paired, launch, options));
  }
  const std::size_t tests = correct_for_rows(comparison.rows, options.rule);
  for (std::size_t i = 0; i < comparison.rows.size(); ++i) {
    RowComparison& row = comparison.rows[i];
    if (!is_decided(row)) judge(row, options.rule, tests);
    if (have_other_outputs(base.rows[i], row_of(fresh, row.name))) row.reason += "; its outputs differ";
  }
  return comparison;
}

}  // namespace assay::bench
