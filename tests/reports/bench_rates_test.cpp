// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/rates.hpp"

#include <gtest/gtest.h>

namespace assay::reports {
namespace {

bench::Rates sample() {
  bench::Rates rates;
  rates.facts = {"1a2b3c4 a title, in 60 comparisons of 15 s each"};
  rates.rates = {{"equal programs: REGRESSED", 1, 40, {}, 2, {"router"}},
                 {"5% slower op: REGRESSED", 18, 20, 19, {}, {"conv", "rope"}},
                 {"2% slower op: REGRESSED", 3, 10, {}, {}, {}}};
  return rates;
}

TEST(RatesReport, IsATableWithIntervalsAndWhatWentWrong) {
  EXPECT_EQ(rates_console(sample(), {Colour::never, Show::all}),
            R"(1a2b3c4 a title, in 60 comparisons of 15 s each

what                           hits   rate    95% interval  bound
equal programs: REGRESSED   1 of 40   2.5%   0.1% to 13.2%  at most 2    holds
5% slower op: REGRESSED    18 of 20  90.0%  68.3% to 98.8%  at least 19  misses
2% slower op: REGRESSED     3 of 10  30.0%   6.7% to 65.2%               told

Wrong in
equal programs: REGRESSED: router
5% slower op: REGRESSED: conv, rope
)");
}

TEST(RatesReport, IsMarkdown) {
  const std::string text = rates_markdown(sample());
  EXPECT_NE(text.find("- 1a2b3c4 a title"), std::string::npos);
  EXPECT_NE(text.find("| 5% slower op: REGRESSED | 18 of 20 | 90.0% | 68.3% to 98.8% | at least 19 | misses |"),
            std::string::npos);
  EXPECT_NE(text.find("- 5% slower op: REGRESSED: conv, rope\n"), std::string::npos);
}

TEST(RatesReport, IsJson) {
  const std::string text = rates_json(sample());
  EXPECT_NE(text.find(R"("schema": "assay.rates/1")"), std::string::npos);
  EXPECT_NE(text.find(R"("verdict": "misses")"), std::string::npos);
  EXPECT_NE(text.find(R"("at_least": 19)"), std::string::npos);
}

}  // namespace
}  // namespace assay::reports
