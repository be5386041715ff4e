// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// JSON as Python's json module reads it: strict, but NaN and Infinity are numbers. Every complaint names the file
// and the key.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace assay {

/// Throws Error with line and column. `origin` names the file in the message.
[[nodiscard]] boost::json::value parse_json(std::string_view text, const std::string& origin);

/// Two-space indented text with a final newline, keys in the order of insertion.
[[nodiscard]] std::string pretty_json(const boost::json::value& value);

}  // namespace assay
