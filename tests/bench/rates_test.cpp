// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/rates.hpp"

#include <gtest/gtest.h>

#include "tests/support/error_of.hpp"

namespace assay::bench {
namespace {

Rate rate_of(std::size_t hits, std::size_t trials) {
  Rate rate;
  rate.name = "found";
  rate.hits = hits;
  rate.trials = trials;
  return rate;
}

TEST(Rates, HoldWithinTheirBounds) {
  Rate rate = rate_of(19, 20);
  EXPECT_TRUE(holds(rate));
  rate.at_least = 19;
  EXPECT_TRUE(holds(rate));
  rate.at_least = 20;
  EXPECT_FALSE(holds(rate));
  rate.at_least.reset();
  rate.at_most = 19;
  EXPECT_TRUE(holds(rate));
  rate.at_most = 18;
  EXPECT_FALSE(holds(rate));
  EXPECT_FALSE(all_hold({{}, {rate_of(1, 2), rate}}));
  EXPECT_TRUE(all_hold({{}, {rate_of(1, 2)}}));
}

TEST(Rates, HaveAnExactInterval) {
  // None in n: the upper bound p has (1 - p)^n = 0.025.
  const Interval none = interval_of(rate_of(0, 40));
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.0881, 1e-4);
}

TEST(Rates, AreReadFromJson) {
  const Rates rates = parse_rates(R"({"schema": "assay.rates/1", "facts": ["a fact"], "rates": [
      {"name": "false", "hits": 1, "trials": 40, "at_most": 2, "missed": ["router"]},
      {"name": "found", "hits": 20, "trials": 20, "at_least": 19, "missed": []}]})",
                                  "rates.json");
  EXPECT_EQ(rates.facts, std::vector<std::string>{"a fact"});
  ASSERT_EQ(rates.rates.size(), 2);
  EXPECT_EQ(rates.rates[0].missed, std::vector<std::string>{"router"});
  EXPECT_EQ(rates.rates[0].at_most, 2);
  EXPECT_FALSE(rates.rates[0].at_least);
  EXPECT_EQ(rates.rates[1].at_least, 19);
}

std::string complaint(const std::string& rate) {
  return test::error_of(
      [&] { (void)parse_rates(R"({"schema": "assay.rates/1", "facts": [], "rates": [)" + rate + "]}", "rates.json"); });
}

TEST(Rates, ThatCannotBeAreRefused) {
  EXPECT_EQ(complaint(""), "rates.json: rates: expected at least one, found none");
  EXPECT_EQ(complaint(R"({"name": "a", "hits": 0, "trials": 0, "missed": []})"),
            "rates.json: rates[0]: trials: expected at least 1, found 0");
  EXPECT_EQ(complaint(R"({"name": "a", "hits": 3, "trials": 2, "missed": []})"),
            "rates.json: rates[0]: hits: expected at most 2, the trials, found 3");
  EXPECT_EQ(complaint(R"({"name": "a", "hits": 1, "trials": 2, "missed": [1]})"),
            "rates.json: rates[0]: missed[0]: expected a string, found 1");
  EXPECT_EQ(test::error_of([] { (void)parse_rates(R"({"schema": "assay.bench/1"})", "rates.json"); }),
            "rates.json: schema: expected \"assay.rates/1\", found \"assay.bench/1\"");
}

}  // namespace
}  // namespace assay::bench
