// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Numbers and text as JSON can hold them.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

namespace assay::reports {

/// JSON has no NaN and no infinities: such numbers are the strings "NaN", "Infinity" and "-Infinity".
[[nodiscard]] boost::json::value json_number(double number);

/// U+FFFD for every byte that is not part of valid UTF-8.
[[nodiscard]] boost::json::value json_text(std::string_view text);

}  // namespace assay::reports
