// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/profile/ledger.hpp"

namespace assay::bench {

void append_ledger(const Profile& profile, const std::map<Place, Cost>& costs, std::vector<LedgerRow>& ledger) {
  std::vector<LedgerRow> of_the_model;
  for (const auto& [place, seconds] : profile.seconds_by_place()) {
    const auto& [layer, group] = place;
    const auto cost = costs.find(place);
    LedgerRow row;
    row.phase = profile.phase();
    if (layer) row.layer = layer->value;
    row.group = name(group);
    row.seconds = seconds;
    if (cost != costs.end()) {
      row.flops = cost->second.flops;
      row.bytes = cost->second.bytes;
    }
    (layer ? ledger : of_the_model).push_back(std::move(row));
  }
  ledger.insert(ledger.end(), of_the_model.begin(), of_the_model.end());
}

}  // namespace assay::bench
