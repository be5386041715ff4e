// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The tables of a benchmark's result on a terminal.
#include "reports/bench/result_console.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "reports/text.hpp"
#include "tests/reports/bench_samples.hpp"
#include "tests/reports/text.hpp"

namespace assay::reports {
namespace {

std::string table_of(const bench::Result& result) { return result_table(result, {.colour = Colour::never}); }

/// The first line that begins with `name`.
std::string line_of(const std::string& text, std::string_view name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name)) return line;
  }
  return "";
}

TEST(ResultConsole, NoLineIsWiderThanATerminal) {
  std::istringstream lines(table_of(samples::whole_result(40)));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(columns(line), 80U) << line;
}

TEST(ResultConsole, ARowHasItsRateAndWhatACallTakes) {
  const std::string row = line_of(table_of(samples::whole_result(40)), "prefill/tokens:512/depth:0/batch:1");
  EXPECT_TRUE(has(row, " 203 ")) << row;
  EXPECT_TRUE(has(row, " 2.5")) << "512 tokens at 203 a second: " << row;
}

TEST(ResultConsole, AnInvalidRowHasNoRateAndItsReasonBelow) {
  const std::string text = table_of(samples::whole_result(40));
  const std::string row = line_of(text, "prefill/tokens:512/depth:0/batch:4");
  EXPECT_TRUE(has(row, "INVALID")) << row;
  EXPECT_FALSE(has(row, "20")) << row;
  EXPECT_TRUE(has(text, "INVALID prefill/tokens:512/depth:0/batch:4: logits: error 3.2e-01 at row 17")) << text;
}

TEST(ResultConsole, TheProfileHasAmountsWithoutUnitsAndErrorsWhereAGoldenGaveThem) {
  bench::Result result = samples::whole_result(4);
  const std::string with = line_of(table_of(result), "head");
  EXPECT_TRUE(has(with, " 100 M ")) << with;
  EXPECT_TRUE(has(with, "2.0e-07")) << with;
  for (bench::LedgerRow& row : result.ledger) row.error = row.used = std::nullopt;
  const std::string without = table_of(result);
  EXPECT_FALSE(has(without, "of limit")) << without;
  EXPECT_FALSE(has(without, "2.0e-07")) << without;
}

TEST(ResultConsole, ManyLayersLeaveTheLeastEvenExperts) {
  const std::string text = table_of(samples::whole_result(40));
  EXPECT_TRUE(has(text, "Tokens per expert, the 8 least even of 80 layers and phases")) << text;
}

}  // namespace
}  // namespace assay::reports
