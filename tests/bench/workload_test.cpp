// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/throughput/workload.hpp"

#include <gtest/gtest.h>

#include <set>

namespace assay::bench {
namespace {

TEST(Workloads, AreAPrefillForEachPromptAndADecodeForEachDepthAndBatch) {
  const std::vector<Workload> all = workloads({.prompts = {2, 5}, .decode = 3, .depths = {0, 7}, .batches = {1, 4}});
  std::vector<std::string> names;
  for (const Workload& workload : all) names.push_back(name(workload));
  EXPECT_EQ(names, (std::vector<std::string>{"prefill/tokens:2/depth:0/batch:1", "prefill/tokens:5/depth:0/batch:1",
                                             "decode/tokens:3/depth:0/batch:1", "prefill/tokens:2/depth:7/batch:1",
                                             "prefill/tokens:5/depth:7/batch:1", "decode/tokens:3/depth:7/batch:1",
                                             "prefill/tokens:2/depth:0/batch:4", "prefill/tokens:5/depth:0/batch:4",
                                             "decode/tokens:3/depth:0/batch:4", "prefill/tokens:2/depth:7/batch:4",
                                             "prefill/tokens:5/depth:7/batch:4", "decode/tokens:3/depth:7/batch:4"}));
}

TEST(Workloads, DecodeNothingWhereNothingIsWanted) { EXPECT_EQ(workloads({.prompts = {2}, .decode = 0}).size(), 1U); }

TEST(TokenIds, AreTheSameEverywhereAndSpreadOverTheVocabulary) {
  EXPECT_EQ(token_id(0, 0, 100), token_id(0, 0, 100));
  std::set<std::int64_t> seen;
  for (std::size_t row = 0; row < 4; ++row) {
    for (std::size_t position = 0; position < 100; ++position) {
      const std::int64_t id = token_id(row, position, 50);
      ASSERT_GE(id, 0);
      ASSERT_LT(id, 50);
      seen.insert(id);
    }
  }
  EXPECT_EQ(seen.size(), 50U);
  EXPECT_NE(token_id(0, 1, 1U << 20U), token_id(1, 0, 1U << 20U));
}

}  // namespace
}  // namespace assay::bench
