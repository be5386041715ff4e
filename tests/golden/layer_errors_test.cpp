// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/layer_errors.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace assay::golden {
namespace {

/// A site that used `share` of its limit.
SiteResult used(Site site, std::optional<std::size_t> layer, double share) {
  SiteResult result;
  result.site = site;
  if (layer) result.layer = LayerIndex{*layer};
  result.metrics.rel_l2 = share;
  result.limit_rel_l2 = 1.0;
  result.limit_max_abs = 1.0;
  return result;
}

TEST(LayerErrors, NameTheLayerThatIntroducedWhatTheOthersCarry) {
  const std::vector<SiteResult> free{
      used(Site::embed_out, std::nullopt, 0.1), used(Site::layer_out, 0, 0.3),  used(Site::moe_out, 1, 40.0),
      used(Site::layer_out, 1, 20.0),           used(Site::layer_out, 2, 30.0), used(Site::layer_out, 3, 300.0),
  };
  const std::vector<SiteResult> injected{
      used(Site::layer_out, 0, 0.2), used(Site::q_proj, 1, 0.4),    used(Site::moe_out, 1, 35.0),
      used(Site::layer_out, 1, 5.0), used(Site::layer_out, 2, 0.3), used(Site::layer_out, 3, 0.4),
  };
  const std::vector<LayerErrors> layers = layer_errors(free, injected);
  ASSERT_EQ(layers.size(), 4U);
  EXPECT_EQ(layers[0].origin, Origin::clean);
  EXPECT_EQ(layers[1].origin, Origin::introduced);
  EXPECT_EQ(layers[1].worst, Site::moe_out);
  EXPECT_EQ(layers[1].own, 35.0);
  EXPECT_EQ(layers[1].in, 0.3);
  EXPECT_EQ(layers[2].origin, Origin::inherited);
  EXPECT_EQ(layers[2].in, 20.0);
  EXPECT_EQ(layers[3].origin, Origin::amplified);
}

TEST(LayerErrors, CallAnErrorAmplifiedThatComesFromNoInputOfTheLayer) {
  const auto layers = layer_errors(std::vector{used(Site::embed_out, std::nullopt, 0.1), used(Site::layer_out, 0, 9.0)},
                                   std::vector{used(Site::layer_out, 0, 0.2)});
  ASSERT_EQ(layers.size(), 1U);
  EXPECT_EQ(layers[0].origin, Origin::amplified);
}

}  // namespace
}  // namespace assay::golden
