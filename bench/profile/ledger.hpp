// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The profile beside what had to be done.
#pragma once

#include <map>
#include <vector>

#include "bench/cost/cost.hpp"
#include "bench/profile/profile.hpp"
#include "bench/result/result.hpp"

namespace assay::bench {

/// A row for each place that took time, layers in order, what the model does once behind them. `costs` and times are of
/// the mean call.
void append_ledger(const Profile& profile, const std::map<Place, Cost>& costs, std::vector<LedgerRow>& ledger);

}  // namespace assay::bench
