// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Judges recorded values by a golden or by other recorded values, without running anything.
#pragma once

#include <string>

#include "golden/format/golden_file.hpp"
#include "golden/judge/examination.hpp"
#include "golden/judge/examiner.hpp"
#include "golden/judge/result.hpp"
#include "golden/replay/dump.hpp"

namespace assay::golden {

/// `options` gives the rows, the selection and the calibration; precision and mode are those of the dump. `command`
/// is the `assay diff` call without --sites and --layers. STALE where the two do not speak of the same thing, VACUOUS
/// where they have no site in common; the error says why. Throws Error where the dump is not as the format says.
[[nodiscard]] CaseResult diff(const GoldenFile& expected, const Dump& actual, ExamOptions options,
                              const std::string& command, const ProgressCallback& progress);

}  // namespace assay::golden
