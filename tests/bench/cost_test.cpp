// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Costs that a person can count.
#include <gtest/gtest.h>

#include <set>

#include "bench/cost/cost.hpp"
#include "model/published/shapes.hpp"

namespace assay::bench {
namespace {

Config shape(std::string_view name, std::size_t layers) {
  return parse_config(published_config(name, layers, DType::f32), std::string(name));
}

TEST(Costs, OfAProjectionAreTwoOperationsForEachWeightAndToken) {
  // granite-3.0-1b: hidden size 1024, 16 heads and 8 key heads of 64.
  const Config config = shape("granite-3.0-1b-a400m", 1);
  const auto cost = costs(config, {.batch = 2, .length = 3, .weight_bytes = 2});
  const Cost qkv = cost.at({LayerIndex{0}, Group::qkv});
  EXPECT_EQ(qkv.flops, 2.0 * 6 * 1024 * (1024 + 2 * 512));
  EXPECT_EQ(qkv.bytes, 2.0 * 1024 * (1024 + 2 * 512));
  EXPECT_EQ(cost.at({LayerIndex{0}, Group::o_proj}).flops, 2.0 * 6 * 1024 * 1024);
}

TEST(Costs, OfExpertsCountTheChosenOnesOnly) {
  const Config config = shape("granite-3.0-1b-a400m", 1);
  const double expert = 1024.0 * 1024 + 1024 * 512;  // gate and up, down
  const auto one_token = costs(config, {}).at({LayerIndex{0}, Group::experts});
  EXPECT_EQ(one_token.flops, 2 * 8 * expert);
  EXPECT_EQ(one_token.bytes, 4 * 8 * expert);
  const auto as_seen = costs(config, {.length = 64, .experts_used = {20}}).at({LayerIndex{0}, Group::experts});
  EXPECT_EQ(as_seen.flops, 2 * 64 * 8 * expert);
  EXPECT_EQ(as_seen.bytes, 4 * 20 * expert);
  EXPECT_EQ(costs(config, {.length = 64}).at({LayerIndex{0}, Group::experts}).bytes, 4 * 32 * expert);
}

TEST(Costs, OfAttentionCountThePairsThatAQuerySees) {
  const Config config = shape("granite-3.0-1b-a400m", 1);
  // 3 queries behind 5 tokens see 6, 7 and 8.
  const Cost cost = costs(config, {.length = 3, .past = 5}).at({LayerIndex{0}, Group::attend});
  EXPECT_EQ(cost.flops, (4.0 * 64 + 5) * 16 * (6 + 7 + 8));
  EXPECT_EQ(cost.bytes, 2.0 * 8 * 8 * 64 * 4);
}

TEST(Costs, OfAScanAreFiveOperationsForEachElementOfTheState) {
  const Config config = shape("granite-4.0-h-350m", 1);
  const Cost cost = costs(config, {.length = 10}).at({LayerIndex{0}, Group::scan});
  EXPECT_EQ(cost.flops, 5.0 * 48 * 32 * 128 * 10);
  EXPECT_EQ(cost.bytes, 2.0 * 4 * 48 * 32 * 128);
}

TEST(Costs, OfATiedHeadAreThoseOfOneTokenARow) {
  const Config config = shape("granite-3.0-1b-a400m", 1);
  const Cost head = costs(config, {.batch = 3, .length = 100}).at({std::nullopt, Group::head});
  EXPECT_EQ(head.flops, 2.0 * 3 * 49152 * 1024);
  EXPECT_EQ(head.bytes, 4.0 * 49152 * 1024);
}

TEST(Costs, OfAPhimoeCountItsOwnHead) {
  const Config config = shape("Phi-mini-MoE", 1);
  EXPECT_EQ(costs(config, {}).at({std::nullopt, Group::head}).flops, 2.0 * 32064 * 4096);
}

TEST(Groups, OfTheLastSiteOfAMixerAreNamedAfterItsProjection) {
  EXPECT_EQ(group_of(Site::mixer_out, Mixing::attention), Group::o_proj);
  EXPECT_EQ(group_of(Site::mixer_out, Mixing::mamba), Group::out_proj);
}

TEST(Groups, HaveEachANameOfTheirOwn) {
  std::set<std::string_view> names;
  for (const SiteInfo& site : all_sites()) names.insert(name(group_of(site.site, Mixing::mamba)));
  EXPECT_EQ(names.size(), 15U) << "all but o_proj";
}

}  // namespace
}  // namespace assay::bench
