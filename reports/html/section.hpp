// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a page says of one case.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "golden/judge/result.hpp"

namespace assay::reports {

enum class Section { closed, open };

/// A details element with the id "case-NUMBER". `provenance` is the JSON of the golden, "" where it could not be read.
[[nodiscard]] std::string case_section(const golden::CaseResult& result, std::size_t number, Section section,
                                       std::string_view provenance);

}  // namespace assay::reports
