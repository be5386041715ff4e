// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Text that came from outside, made fit for a terminal, an XML file or a table. Widths count code points.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace assay::reports {

/// `text` with U+FFFD for every byte that is not part of valid UTF-8.
[[nodiscard]] std::string valid_utf8(std::string_view text);

/// valid_utf8 with U+FFFD also for control characters, so that a name cannot move the cursor or break a line.
[[nodiscard]] std::string printable(std::string_view text);

/// The number of code points of valid UTF-8.
[[nodiscard]] std::size_t columns(std::string_view text);

/// `text`, with its middle replaced by an ellipsis if it is wider than `width`.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t width);

/// `text` broken at spaces into lines of at most `width`; a longer word keeps a line to itself.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace assay::reports
