// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/terminal.hpp"

#include <fmt/format.h>

#include "reports/text.hpp"

namespace assay::reports {

std::string paint(std::string_view text, std::string_view code, Colour colour) {
  if (colour == Colour::never) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string wrapped(std::string_view text, std::size_t indent) {
  std::string lines;
  for (const std::string& line : wrap(text, terminal_width - indent))
    lines += fmt::format("{:{}}{}\n", "", indent, line);
  return lines;
}

}  // namespace assay::reports
