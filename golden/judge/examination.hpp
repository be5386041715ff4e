// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Runs every call of a golden through an engine and gives the verdict of the case.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "golden/format/golden_file.hpp"
#include "golden/judge/examiner.hpp"
#include "golden/judge/result.hpp"
#include "model/engine.hpp"

namespace assay::golden {

/// How far a run has come, from 0 to 1, and where it is.
using ProgressCallback = std::function<void(double fraction, const std::string& where)>;

/// The engine has the precision of the options. `command` is the `assay verify` call without --sites and --layers:
/// what is appended to it reproduces one site. Throws Error where the golden turns out to be damaged.
[[nodiscard]] CaseResult examine(const GoldenFile& golden, Engine& engine, const ExamOptions& options,
                                 const std::string& command, const ProgressCallback& progress);

/// What the engine declares not to show.
[[nodiscard]] std::set<Site> not_provided_by(const Engine& engine);

/// The verdict of a case from those of its sites: an all-zero site proves nothing but does no harm beside others
/// that do; a case without a site that proves something is vacuous.
[[nodiscard]] Verdict verdict_of(const std::vector<SiteResult>& sites);

}  // namespace assay::golden
