// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The results for code scanning: a log of the Static Analysis Results Interchange Format, SARIF 2.1.0 (OASIS).
#pragma once

#include <string>
#include <string_view>

#include "golden/judge/result.hpp"

namespace assay::reports {

/// One result for each case that is no plain PASS: error, or warning for MARGINAL, or note for TIE. Its rule is the
/// site that makes the verdict, else "generation" or "unjudged"; its place is the golden, and in it layer and site.
/// `version` is that of the program.
[[nodiscard]] std::string to_sarif(const golden::Verification& verification, std::string_view version);

/// A path as the URI of an artifact: relative as it is, absolute with "file://"; RFC 3986.
[[nodiscard]] std::string file_uri(std::string_view path);

}  // namespace assay::reports
