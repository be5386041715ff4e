// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/pages/ledger_totals.hpp"

#include <algorithm>

namespace assay::reports {
namespace {

using bench::LedgerRow;

void keep_larger(std::optional<double>& largest, std::optional<double> value) {
  // NaN is larger than everything.
  if (value && (!largest || !(*value <= *largest))) largest = value;
}

}  // namespace

std::map<std::string, double> phase_seconds(const std::vector<LedgerRow>& ledger) {
  std::map<std::string, double> seconds;
  for (const LedgerRow& row : ledger) seconds[row.phase] += row.seconds;
  return seconds;
}

std::vector<std::string> phases_of(const std::vector<LedgerRow>& ledger) {
  std::vector<std::string> phases;
  for (const LedgerRow& row : ledger) {
    if (std::ranges::find(phases, row.phase) == phases.end()) phases.push_back(row.phase);
  }
  return phases;
}

std::vector<GroupTotal> group_totals(const std::vector<LedgerRow>& ledger) {
  std::map<std::pair<std::string, std::string>, GroupTotal> totals;
  for (const LedgerRow& row : ledger) {
    GroupTotal& total = totals[{row.phase, row.group}];
    total.phase = row.phase;
    total.group = row.group;
    ++total.places;
    total.work.flops += row.flops;
    total.work.bytes += row.bytes;
    total.work.seconds += row.seconds;
    keep_larger(total.error, row.error);
    keep_larger(total.used, row.used);
  }
  const std::map<std::string, double> seconds = phase_seconds(ledger);
  std::vector<GroupTotal> sorted;
  for (const std::string& phase : phases_of(ledger)) {
    const auto first = static_cast<std::ptrdiff_t>(sorted.size());
    const double all = seconds.at(phase);
    for (auto& [key, total] : totals) {
      if (key.first != phase) continue;
      if (all > 0) total.share = total.work.seconds / all;
      sorted.push_back(total);
    }
    std::ranges::stable_sort(sorted.begin() + first, sorted.end(),
                             [](const GroupTotal& a, const GroupTotal& b) { return a.work.seconds > b.work.seconds; });
  }
  return sorted;
}

}  // namespace assay::reports
