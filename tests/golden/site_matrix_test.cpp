// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/site_matrix.hpp"

#include <gtest/gtest.h>

namespace assay::golden {
namespace {

PlannedSite site(Site which, Shape shape) { return {{which, LayerIndex{0}}, std::move(shape)}; }

TEST(SiteMatrix, TakesTheLastAxisAsColumns) {
  const SiteMatrix matrix(site(Site::moe_out, {2, 3, 5}));
  EXPECT_EQ(matrix.rows(), 6U);
  EXPECT_EQ(matrix.columns(), 5U);
  const std::size_t element = (1 * 3 + 2) * 5 + 4;  // batch 1, token 2, channel 4
  EXPECT_EQ(matrix.row_of(element), 5U);
  EXPECT_EQ(matrix.column_of(element), 4U);
}

TEST(SiteMatrix, TakesHeadsAsColumnsWhereTheLastAxisCountsKeysOrStates) {
  const SiteMatrix matrix(site(Site::attn_scores, {2, 3, 4, 5}));
  EXPECT_EQ(matrix.rows(), 2U * 4U * 5U);
  EXPECT_EQ(matrix.columns(), 3U);
  const std::size_t element = ((1 * 3 + 2) * 4 + 1) * 5 + 3;  // batch 1, head 2, query 1, key 3
  EXPECT_EQ(matrix.row_of(element), (1U * 4U + 1U) * 5U + 3U);
  EXPECT_EQ(matrix.column_of(element), 2U);
  EXPECT_EQ(SiteMatrix(site(Site::ssm_state, {1, 6, 4, 8})).columns(), 6U);
}

TEST(SiteMatrix, TakesHeadsAndChannelsAsColumnsOfARotatedHeadAndOfACache) {
  const SiteMatrix matrix(site(Site::cache_k, {2, 3, 4, 5}));
  EXPECT_EQ(matrix.rows(), 2U * 4U);
  EXPECT_EQ(matrix.columns(), 3U * 5U);
  const std::size_t element = ((1 * 3 + 2) * 4 + 1) * 5 + 3;  // batch 1, head 2, key 1, channel 3
  EXPECT_EQ(matrix.row_of(element), 1U * 4U + 1U);
  EXPECT_EQ(matrix.column_of(element), 2U * 5U + 3U);
}

TEST(SiteMatrix, KnowsWhichSitesHaveNoise) {
  EXPECT_TRUE(has_noise(Site::layer_out));
  EXPECT_TRUE(has_noise(Site::ssm_state));
  for (const Site without : {Site::rope_inv_freq, Site::attn_visible, Site::router_experts, Site::loss, Site::aux_loss,
                             Site::hidden_states, Site::attentions}) {
    EXPECT_FALSE(has_noise(without)) << name(without);
  }
}

}  // namespace
}  // namespace assay::golden
