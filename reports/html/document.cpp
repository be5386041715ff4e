// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/html/document.hpp"

#include <fmt/format.h>

#include "reports/html/assets.hpp"
#include "reports/html/markup.hpp"

namespace assay::reports {

bool can_draw_charts() { return !chart_script().empty(); }

std::string html_document(std::string_view title, std::string_view header, std::string_view sections,
                          std::string_view program) {
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
      "<style>\n{}</style>\n</head>\n<body>\n",
      html_text(title), page_style());
  text += fmt::format("{}<main>\n{}<section id=\"program\">\n<h2>Program</h2>\n<pre>{}</pre>\n</section>\n</main>\n",
                      header, sections, html_lines(program));
  // Behind the text: a reader need not wait for the scripts. Those of ours share a scope of their own.
  text += fmt::format("<script>\n{}</script>\n<script>\n\"use strict\";\n(() => {{\n{}}})();\n</script>\n",
                      chart_script(), page_script());
  return text + "</body>\n</html>\n";
}

}  // namespace assay::reports
