// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/roofs/roofs.hpp"

#include <gtest/gtest.h>

#include "bench/machine/caches.hpp"

namespace assay::bench {
namespace {

TEST(MeasuredRoofs, ComeWithWhatTheyWereMeasuredOn) {
  const MeasuredRoofs measured = measure_roofs(1, RoofEffort::quick);
  EXPECT_GT(measured.roofs.flops_per_second, 0);
  EXPECT_GT(measured.roofs.bytes_per_second, 0);
  EXPECT_GT(measured.microkernel_narrow, 0U);
  EXPECT_GT(measured.microkernel_wide, 0U);
  EXPECT_GT(measured.buffer_bytes, 4 * last_level_cache_bytes());
}

}  // namespace
}  // namespace assay::bench
