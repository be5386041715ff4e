// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What all text for a terminal has in common: how wide it is, and colour.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay::reports {

enum class Colour { never, always };

/// Columns of a terminal that nobody has widened.
inline constexpr std::size_t terminal_width = 80;

/// The code of a face, for paint().
inline constexpr std::string_view bold = "1";

/// `text` in the colour or face of an ANSI code, such as "31"; as it is where there is to be no colour.
[[nodiscard]] std::string paint(std::string_view text, std::string_view code, Colour colour);

/// `text` broken at spaces into lines that fit, each after `indent` spaces and with its end of line.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent = 0);

}  // namespace assay::reports
