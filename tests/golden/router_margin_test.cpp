// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/router_margin.hpp"

#include <gtest/gtest.h>

#include "golden/format/golden_file.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using golden::Values;

TEST(RouterMargins, OfADumpAreThoseThatAGoldenRecords) {
  for (const char* name : {"granitemoe_prefill", "granitemoehybrid_prefill", "phimoe_bias", "phimoe_all_experts"}) {
    const GoldenFile golden(committed_golden(name));
    for (const PlannedSite& site : golden.calls()[0].sites) {
      if (site.point.site != Site::router_logits) continue;
      const auto logits = golden.values(CallIndex{0}, Values::truth, site.point);
      const auto recorded = golden.router_margin(CallIndex{0}, *site.point.layer);
      const auto computed = golden::router_margins(golden.config(), logits, site.shape[0]);
      for (std::size_t i = 0; i < recorded.size(); ++i) EXPECT_DOUBLE_EQ(computed[i], recorded[i]) << name << i;
    }
  }
}

}  // namespace
}  // namespace assay::test
