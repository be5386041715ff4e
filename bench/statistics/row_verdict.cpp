// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/row_verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "bench/statistics/change.hpp"

namespace assay::bench {
namespace {

double least_floor(const RowComparison& row, const Rule& rule) {
  return row.paired ? rule.least_floor : rule.least_floor_apart;
}

std::size_t fewest(const RowComparison& row, const Rule& rule) {
  return row.paired ? rule.fewest_pairs : rule.fewest_apart;
}

std::string share_text(double share) { return fmt::format("{:.1f}%", 100 * share); }

std::string interval_text(const Ratio& ratio) {
  return fmt::format("{} to {}", change_text(ratio.low), change_text(ratio.high));
}

Ratio inverse(const Ratio& ratio) { return {1 / ratio.median, 1 / ratio.high, 1 / ratio.low}; }

/// The median beyond the floor, and the whole interval beyond half of it.
bool is_beyond(const Ratio& ratio, double floor) {
  const double limit = std::log1p(floor);
  return std::log(ratio.median) > limit && std::log(ratio.low) > limit / 2;
}

bool is_within(const Ratio& ratio, double floor) { return ratio.low >= 1 / (1 + floor) && ratio.high <= 1 + floor; }

void decide(RowComparison& row, Verdict verdict, std::string reason) {
  row.verdict = verdict;
  row.reason = std::move(reason);
}

void judge_effect(RowComparison& row, Verdict verdict, const Rule& rule, std::size_t tests) {
  const std::string effect = fmt::format("{} ({}) is beyond the floor of {}", change_text(row.ratio.median),
                                         interval_text(row.ratio), share_text(row.floor));
  const std::string_view test = row.paired ? "Wilcoxon" : "Mann-Whitney";
  if (row.adjusted_p <= rule.level) {
    decide(row, verdict, fmt::format("{}, p {:.2g}", effect, row.adjusted_p));
    return;
  }
  const std::string of = tests == 1 ? "" : fmt::format(", after Holm over {} rows", tests);
  decide(row, Verdict::inconclusive,
         fmt::format("{}, but {}'s p is {:.2g}{}: more than {}", effect, test, row.adjusted_p, of, rule.level));
}

/// By time alone.
void judge_time(RowComparison& row, const Rule& rule, std::size_t tests) {
  const double least = least_floor(row, rule);
  if (!is_tested(row, rule)) {
    decide(row, Verdict::inconclusive,
           fmt::format("{} {}{}: at least {} decide", row.pairs, row.paired ? "pair" : "sample",
                       row.pairs == 1 ? "" : "s", fewest(row, rule)));
  } else if (row.control && (is_beyond(*row.control, least) || is_beyond(inverse(*row.control), least))) {
    decide(row, Verdict::inconclusive,
           fmt::format("two equal programs differ by {} ({}) here", change_text(row.control->median),
                       interval_text(*row.control)));
  } else if (is_beyond(row.ratio, row.floor)) {
    judge_effect(row, Verdict::regressed, rule, tests);
  } else if (is_beyond(inverse(row.ratio), row.floor)) {
    judge_effect(row, Verdict::improved, rule, tests);
  } else if (!is_within(row.ratio, row.floor)) {
    decide(row, Verdict::inconclusive,
           fmt::format("interval {} is neither within the floor of {} nor beyond it", interval_text(row.ratio),
                       share_text(row.floor)));
  } else if (row.floor > std::max(rule.widest_same, least)) {
    decide(row, Verdict::inconclusive,
           fmt::format("interval {} is within the floor, but a floor of {} is too wide for SAME",
                       interval_text(row.ratio), share_text(row.floor)));
  } else {
    decide(row, Verdict::same,
           fmt::format("interval {} is within the floor of {}", interval_text(row.ratio), share_text(row.floor)));
  }
}

}  // namespace

double floor_of(const RowComparison& row, const Rule& rule) {
  double floor = least_floor(row, rule);
  if (row.control) {
    const double off = 3 * std::abs(std::log(row.control->median));
    const double half_width = (std::log(row.control->high) - std::log(row.control->low)) / 2;
    floor = std::max(floor, std::expm1(std::max(off, half_width)));
  }
  return floor;
}

bool is_tested(const RowComparison& row, const Rule& rule) { return row.pairs >= fewest(row, rule); }

void judge(RowComparison& row, const Rule& rule, std::size_t tests) {
  judge_time(row, rule, tests);
  if (!row.instructions) return;
  const double ratio = *row.instructions;
  const std::string change = fmt::format("instructions {}", change_text(ratio));
  if (ratio > 1 + rule.instructions && row.verdict != Verdict::improved) {
    decide(row, Verdict::regressed,
           fmt::format("{}, limit {}; time: {}", change, share_text(rule.instructions), row.reason));
  } else if (ratio > 1 + rule.instructions) {
    row.reason += fmt::format("; {}, which its time makes up for", change);
  } else if (ratio < 1 - rule.instructions) {
    row.reason += fmt::format("; {}", change);
  }
}

}  // namespace assay::bench
