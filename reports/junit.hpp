// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The results for CI servers that read JUnit XML: one suite, one test case a golden and engine.
#pragma once

#include <string>
#include <string_view>

#include "golden/judge/result.hpp"

namespace assay::reports {

/// FAIL is a failure; what could not be judged, or proves nothing, is an error; PASS, TIE and MARGINAL pass.
/// Verified digits, headroom, noise ratios, routing and the end to end figures are properties of the test case.
[[nodiscard]] std::string to_junit(const golden::Verification& verification);

/// `text` for an attribute or an element of XML 1.0; U+FFFD for what XML cannot hold at all.
[[nodiscard]] std::string xml_text(std::string_view text);

}  // namespace assay::reports
