// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/pooling.hpp"

#include <gtest/gtest.h>

#include "tests/reference/numbers.hpp"
#include "tests/support/owned_call.hpp"

namespace assay::reference {
namespace {

using test::LaidOutCall;

struct Pooled {
  std::string name;
  std::vector<std::int64_t> ids;
  std::optional<std::int64_t> pad;
  std::size_t token;
};

class PooledToken : public testing::TestWithParam<Pooled> {};

INSTANTIATE_TEST_SUITE_P(Reference, PooledToken,
                         testing::Values(Pooled{"NoPads", {5, 6, 7}, 0, 2},             //
                                         Pooled{"PadsOnTheRight", {5, 6, 0, 0}, 0, 1},  //
                                         Pooled{"PadsOnTheLeft", {0, 0, 5, 6}, 0, 3},   //
                                         Pooled{"PadsInside", {5, 0, 6, 0}, 0, 2},      //
                                         Pooled{"OnlyTheFirstIsNoPad", {5, 0, 0}, 0, 0},
                                         Pooled{"AllPads", {9, 9, 9}, 9, 0},
                                         Pooled{"NoPadId", {5, 0, 0}, std::nullopt, 2},
                                         Pooled{"ANegativePadIdIsNoToken", {5, 6, 96}, -1, 2}),
                         [](const auto& pooled) { return pooled.param.name; });

TEST_P(PooledToken, IsTheLastThatIsNoPad) {
  const LaidOutCall call({.input_ids = {GetParam().ids}});
  EXPECT_EQ(pooled_token(call.call(), 0, GetParam().pad), GetParam().token);
}

TEST(PooledTokenOf, DoesNotAskTheAttentionMask) {
  const LaidOutCall call({.input_ids = {{5, 6, 7}}, .attention_mask = {{1, 1, 0}}});
  EXPECT_EQ(pooled_token(call.call(), 0, 0), 2U);
}

TEST(PooledTokenOf, EmbeddingsIsTheLast) {
  const LaidOutCall call({.inputs_embeds = Tensor<float, 3>({1, 4, 2})});
  EXPECT_EQ(pooled_token(call.call(), 0, 0), 3U);
}

TEST(Pool, TakesTheScoresOfThatTokenFromEachRow) {
  const LaidOutCall call({.input_ids = {{5, 6, 0}, {0, 7, 8}}});
  const auto scores = test::tensor_of<double, 3>({2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  EXPECT_EQ(test::values_of(pool<double>(scores.view(), call.call(), 0)), (std::vector<double>{3, 4, 11, 12}));
}

}  // namespace
}  // namespace assay::reference
