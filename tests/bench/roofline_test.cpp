// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/roofline.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::bench {
namespace {

constexpr Roofs roofs{.flops_per_second = 100, .bytes_per_second = 10};  // they meet at 10 FLOP a byte

TEST(Roofline, ComparesTheTimeWithThatOfTheRoofThatIsReachedFirst) {
  EXPECT_EQ(share_of_roof({.flops = 50, .bytes = 2, .seconds = 1}, roofs), 0.5) << "0.5 s of compute, 0.2 s of memory";
  EXPECT_EQ(share_of_roof({.flops = 10, .bytes = 8, .seconds = 2}, roofs), 0.4) << "0.1 s of compute, 0.8 s of memory";
  EXPECT_EQ(bound_of({.flops = 50, .bytes = 2, .seconds = 1}, roofs), Bound::compute);
  EXPECT_EQ(bound_of({.flops = 10, .bytes = 8, .seconds = 2}, roofs), Bound::memory);
}

TEST(Roofline, IsOneAtTheRoofAndMoreWhereBytesComeFromACache) {
  EXPECT_EQ(share_of_roof({.flops = 100, .bytes = 10, .seconds = 1}, roofs), 1);
  EXPECT_EQ(bound_of({.flops = 100, .bytes = 10, .seconds = 1}, roofs), Bound::compute) << "where both meet";
  EXPECT_EQ(share_of_roof({.flops = 0, .bytes = 30, .seconds = 1}, roofs), 3);
}

TEST(Roofline, NeedsOnlyTheRoofsThatTheWorkComesUnder) {
  const Roofs memory{.bytes_per_second = 10};
  EXPECT_EQ(share_of_roof({.bytes = 5, .seconds = 1}, memory), 0.5);
  EXPECT_FALSE(share_of_roof({.flops = 1, .bytes = 5, .seconds = 1}, memory)) << "compute may be what holds it up";
  EXPECT_EQ(share_of_roof({.flops = 5, .seconds = 1}, {.flops_per_second = 10}), 0.5);
}

TEST(Roofline, SaysNothingOfNoWorkAndOfNoTime) {
  EXPECT_FALSE(share_of_roof({.seconds = 1}, roofs));
  EXPECT_FALSE(share_of_roof({.flops = 1, .bytes = 1}, roofs));
  EXPECT_FALSE(share_of_roof({.flops = 1, .bytes = 1, .seconds = NAN}, roofs));
  EXPECT_FALSE(share_of_roof({.flops = NAN, .bytes = 1, .seconds = 1}, roofs));
  EXPECT_FALSE(bound_of({}, roofs));
}

TEST(Roofline, HasAnIntensityWhereBytesAreMoved) {
  EXPECT_EQ(intensity({.flops = 6, .bytes = 4, .seconds = 1}), 1.5);
  EXPECT_FALSE(intensity({.flops = 6, .seconds = 1}));
}

}  // namespace
}  // namespace assay::bench
