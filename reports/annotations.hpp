// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The results as workflow commands of GitHub Actions, which it shows as annotations of a run.
#pragma once

#include <string>
#include <string_view>

#include "golden/judge/result.hpp"

namespace assay::reports {

/// A line for each case that is no plain PASS: "::error file=golden/data/a.h5,title=FAIL a (reference f32%2C
/// free)::...", ::warning for MARGINAL, ::notice for TIE.
[[nodiscard]] std::string github_annotations(const golden::Verification& verification);

/// `text` as the message of a workflow command: percent signs and ends of lines are escaped.
[[nodiscard]] std::string annotation_message(std::string_view text);

/// `text` as a property of a workflow command: colons and commas are escaped as well.
[[nodiscard]] std::string annotation_property(std::string_view text);

}  // namespace assay::reports
