// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/effective_rows.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace assay::golden {
namespace {

PlannedSite site(Site which, Shape shape) { return {{which, LayerIndex{0}}, std::move(shape)}; }

TEST(EffectiveRows, AreTheTokensWhereAllAreAlike) {
  const std::vector<double> alike(2 * 3 * 4, 0.5);
  EXPECT_DOUBLE_EQ(effective_rows(site(Site::mixer_out, {2, 3, 4}), std::nullopt, alike), 6.0);
}

TEST(EffectiveRows, AreOneWhereOneTokenHasTheNormOrNoneHas) {
  std::vector<double> values(3 * 2, 0.0);
  EXPECT_DOUBLE_EQ(effective_rows(site(Site::mixer_out, {1, 3, 2}), std::nullopt, values), 1.0);
  values[2] = 7.0;
  EXPECT_DOUBLE_EQ(effective_rows(site(Site::mixer_out, {1, 3, 2}), std::nullopt, values), 1.0);
}

TEST(EffectiveRows, CountATokenByTheSquareOfItsNorm) {
  // Rows (3, 0) and (0, 1): squares 9 and 1, (9 + 1)^2 / (81 + 1).
  const std::vector<double> values{3.0, 0.0, 0.0, 1.0};
  EXPECT_DOUBLE_EQ(effective_rows(site(Site::mixer_out, {1, 2, 2}), std::nullopt, values), 100.0 / 82.0);
  EXPECT_DOUBLE_EQ(effective_rows(values, 2), 100.0 / 82.0);
}

TEST(EffectiveRows, OfScoresAreQueriesAcrossHeadsAndKeys) {
  // [1, 2 heads, 2 queries, 1 key]: query 0 has 1 and 1, query 1 has 2 and 0: squares 2 and 4, 36 / 20.
  const std::vector<double> values{1.0, 2.0, 1.0, 0.0};
  EXPECT_DOUBLE_EQ(effective_rows(site(Site::attn_scores, {1, 2, 2, 1}), std::nullopt, values), 36.0 / 20.0);
}

TEST(EffectiveRows, OfACacheAreItsKeysAndOfStatesTheirTapsAndHeads) {
  const std::vector<double> alike(12, 1.0);
  EXPECT_DOUBLE_EQ(effective_rows(site(Site::cache_k, {1, 2, 3, 2}), std::nullopt, alike), 3.0);
  EXPECT_DOUBLE_EQ(effective_rows(site(Site::conv_state, {1, 3, 4}), std::nullopt, alike), 4.0);
  EXPECT_DOUBLE_EQ(effective_rows(site(Site::ssm_state, {1, 2, 3, 2}), std::nullopt, alike), 2.0);
}

TEST(EffectiveRows, KnowTheTokensOfElementsThatAreLeft) {
  // Of [1, 3, 2] the token in the middle is padding.
  const std::vector<double> left{1.0, 1.0, 1.0, 1.0};
  const Places places = std::vector<std::size_t>{0, 1, 4, 5};
  EXPECT_DOUBLE_EQ(effective_rows(site(Site::mixer_out, {1, 3, 2}), places, left), 2.0);
}

}  // namespace
}  // namespace assay::golden
