// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What tests of texts and pages share.
#pragma once

#include <string>
#include <string_view>

#include "reports/console.hpp"

namespace assay::reports {

inline constexpr Style plain{Colour::never, Show::all};

inline bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace assay::reports
