// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/csv.hpp"

#include <gtest/gtest.h>

#include "tests/bench/results.hpp"

namespace assay::bench {
namespace {

TEST(BenchCsv, HasALineForEachSampleAndControlSample) {
  Result result;
  result.rows = {test::row_of("a", {0.5, 0.1})};
  result.rows[0].control = {{0.25, 0.75, 4}, {1, 2, 8}};
  result.rows[0].threads = 2;
  result.rows[0].instructions = 100;
  EXPECT_EQ(to_csv(result),
            "name,arm,index,iterations,real_seconds,cpu_seconds,threads,instructions,invalid\n"
            "a,sample,0,1,0.5,0.5,2,100,\n"
            "a,sample,1,1,0.1,0.1,2,100,\n"
            "a,control,0,4,0.25,0.75,2,100,\n"
            "a,control,1,8,1,2,2,100,\n");
}

TEST(BenchCsv, QuotesCommasQuotesAndLineEnds) {
  Result result;
  result.rows = {test::row_of("a,b", {1})};
  result.rows[0].invalid = "said \"no\"\nand went";
  EXPECT_NE(to_csv(result).find("\"a,b\",sample,0,1,1,1,1,,\"said \"\"no\"\"\nand went\"\n"), std::string::npos);
}

}  // namespace
}  // namespace assay::bench
