// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// JSON as Python's json module reads it: strict, but NaN and Infinity are numbers. Every complaint names the file
// and the key.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace assay {

enum class DuplicateKeys { last_wins, refused };

/// Throws Error with line and column. `origin` names the file in the message. NaN and the infinities arrive as
/// doubles, written bare or as transformers writes them, {"__float__": "Infinity"}.
[[nodiscard]] boost::json::value parse_json(std::string_view text, const std::string& origin,
                                            DuplicateKeys duplicates = DuplicateKeys::last_wins);

/// Two-space indented text with a final newline, keys in the order of insertion; the shortest decimals that read back
/// as the same doubles, NaN and infinities bare as Python writes them.
[[nodiscard]] std::string pretty_json(const boost::json::value& value);

}  // namespace assay
