// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/margin.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "golden/format/golden_file.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::golden {
namespace {

TEST(RouterMargin, OfGraniteIsTheGapBehindTheLastChosen) {
  GraniteMoeConfig config;
  config.num_experts_per_tok = 2;
  EXPECT_EQ(router_margin(config, std::vector<double>{1, 4, 2, 3.5, 0, 0, 0, 0}, 2), (std::vector<double>{1.5, 0}));
  config.num_experts_per_tok = 4;
  EXPECT_EQ(router_margin(config, std::vector<double>{1, 4, 2, 3.5}, 1),
            (std::vector<double>{std::numeric_limits<double>::max()}));
}

TEST(RouterMargin, OfPhimoeCountsTheBordersOfItsBands) {
  PhimoeConfig config;
  config.router_jitter_noise = 0.25;
  // Best 4: the band ends at 2 (gap 2 = 2 * 0.25 * 4), and 1.5 is 0.5 below. Second 3: it ends at 1.5, which is there.
  EXPECT_EQ(router_margin(config, std::vector<double>{4, 3, 1.5}, 1), (std::vector<double>{0}));
  // Second 3 with 1 behind it: 2 - 0.25 * 2 * 3 = 0.5; first: 3 - 2 = 1, 1 - 2 = -1; the gaps are 1 and 2.
  EXPECT_EQ(router_margin(config, std::vector<double>{4, 3, 1}, 1), (std::vector<double>{0.5 / 1.25}));
}

/// The generator computed these in Python, from the same logits.
TEST(RouterMargin, IsThatOfEveryCommittedGolden) {
  std::size_t compared = 0;
  for (const std::string& name : test::committed_cases()) {
    const GoldenFile golden(test::committed_golden(name));
    for (std::size_t call = 0; call < golden.calls().size(); ++call) {
      for (const PlannedSite& site : golden.calls()[call].sites) {
        if (site.point.site != Site::router_logits) continue;
        const auto logits = golden.values(CallIndex{call}, Values::truth, site.point);
        const auto recorded = golden.router_margin(CallIndex{call}, *site.point.layer);
        const auto ours = router_margin(golden.config(), logits, recorded.size());
        for (std::size_t token = 0; token < recorded.size(); ++token, ++compared) {
          EXPECT_NEAR(ours[token], recorded[token], 1e-14) << name << " call " << call;
        }
      }
    }
  }
  EXPECT_GT(compared, 400U);
}

}  // namespace
}  // namespace assay::golden
