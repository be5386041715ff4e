// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/comparability.hpp"

#include <gtest/gtest.h>

#include "tests/bench/results.hpp"
#include "tests/support/error_of.hpp"

namespace assay::bench {
namespace {

using test::row_of;

Result result_with(const std::vector<std::string>& names) {
  Result result;
  result.machine = {{"cpu", "A"}, {"cores", "2"}};
  result.settings = {{"threads", "2"}};
  for (const std::string& name : names) result.rows.push_back(row_of(name, {1}));
  return result;
}

std::string complaint(const Result& base, const Result& fresh) {
  return test::error_of([&] { (void)check_comparable(base, fresh, {.base_file = "a.json", .fresh_file = "b.json"}); });
}

TEST(Comparability, EqualMachinesAndSettingsNeedNoWarning) {
  EXPECT_TRUE(check_comparable(result_with({"r"}), result_with({"r"}), {}).empty());
}

TEST(Comparability, OtherMachinesAreRefusedUnlessAskedFor) {
  Result fresh = result_with({"r"});
  fresh.machine = {{"cpu", "B"}, {"cores", "2"}, {"kernel", "6.1"}};
  EXPECT_EQ(complaint(result_with({"r"}), fresh),
            "a.json, b.json: expected the same machines, found cpu \"A\" and \"B\", kernel none and \"6.1\" "
            "(--across-machines compares them all the same)");
  CompareOptions options;
  options.across_machines = true;
  EXPECT_EQ(check_comparable(result_with({"r"}), fresh, options),
            std::vector<std::string>{"different machines, as asked for: cpu \"A\" and \"B\", kernel none and \"6.1\""});
}

TEST(Comparability, OtherSettingsAreRefusedUnlessAskedFor) {
  Result fresh = result_with({"r"});
  fresh.settings["threads"] = "1";
  fresh.rows[0].threads = 2;
  EXPECT_EQ(complaint(result_with({"r"}), fresh),
            "a.json, b.json: expected the same settings, found threads \"2\" and \"1\", threads of r 1 and 2 "
            "(--across-settings compares them all the same)");
  CompareOptions options;
  options.across_machines = true;  // another thing
  EXPECT_NE(test::error_of([&] { (void)check_comparable(result_with({"r"}), fresh, options); }), "");
  options.across_settings = true;
  EXPECT_EQ(check_comparable(result_with({"r"}), fresh, options).size(), 1U);
}

TEST(Comparability, ManyDifferencesAreCounted) {
  Result fresh = result_with({"r"});
  for (const char* const key : {"a", "b", "c", "d", "e", "f"}) fresh.machine[key] = "1";
  EXPECT_NE(complaint(result_with({"r"}), fresh).find("d none and \"1\" and 2 more (--across-machines"),
            std::string::npos);
}

TEST(Comparability, BenchmarksMissingOnASideAreAllNamed) {
  EXPECT_EQ(complaint(result_with({"r", "x", "y"}), result_with({"r", "z"})),
            "a.json, b.json: expected the same benchmarks in both, found only in a.json: x, y; only in b.json: z");
  EXPECT_EQ(complaint(result_with({"r"}), result_with({"r", "z"})),
            "a.json, b.json: expected the same benchmarks in both, found only in b.json: z");
}

TEST(Comparability, OfManyMissingBenchmarksTheFirstAreNamed) {
  EXPECT_EQ(complaint(result_with({"r", "a", "b", "c", "d", "e", "f"}), result_with({"r"})),
            "a.json, b.json: expected the same benchmarks in both, found only in a.json: a, b, c, d and 2 more");
}

}  // namespace
}  // namespace assay::bench
