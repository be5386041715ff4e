// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/result_markdown.hpp"

#include <fmt/format.h>

#include "reports/bench/result_tables.hpp"
#include "reports/markdown.hpp"
#include "reports/text_table.hpp"

namespace assay::reports {
namespace {

std::string section(const std::string& title, const Table& table) {
  if (table.rows.empty()) return "";
  return fmt::format("\n### {}\n\n{}\n\n{}", title, markdown_text(table.meaning), markdown_table(table));
}

std::string folded(const std::string& title, const Table& table) {
  if (table.rows.empty()) return "";
  return fmt::format("\n<details><summary>{}</summary>\n\n{}\n</details>\n", title, markdown_table(table));
}

}  // namespace

std::string result_markdown(const bench::Result& result) {
  std::string text = "## What it costs\n\n";
  for (const std::string& fact : result_facts(result)) text += "- " + markdown_text(fact) + "\n";
  text += section("Throughput", throughput_table(result));
  for (const std::string& line : invalid_lines(result)) text += "\n- INVALID " + markdown_text(line) + "\n";
  text += section("Memory", memory_table(result));
  if (const std::string bytes = bytes_line(result); !bytes.empty()) text += "\n" + markdown_text(bytes) + "\n";
  text += folded("Tokens per expert", expert_table(result));
  for (const std::string& phase : phases(result)) {
    text += section("Where a " + phase + " call's time goes", group_table(result, phase));
    text += folded("Layer by layer, " + phase, ledger_table(result, phase));
  }
  return text;
}

}  // namespace assay::reports
