// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The errors of an engine beside its times.
#pragma once

#include <string>
#include <vector>

#include "bench/result/result.hpp"
#include "golden/format/golden_file.hpp"
#include "model/engine.hpp"

namespace assay {

/// Runs the calls of the golden and gives every row of the ledger the worst of its sites: the largest relative error,
/// and the largest share of a limit. `gates` is the file of --gates, "" for the one beside the golden. Throws Error
/// where the golden cannot be judged.
void add_errors(const golden::GoldenFile& golden, const std::string& gates, Engine& engine,
                std::vector<bench::LedgerRow>& ledger);

}  // namespace assay
