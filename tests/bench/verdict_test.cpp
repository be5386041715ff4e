// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "bench/statistics/comparison.hpp"

namespace assay::bench {
namespace {

TEST(BenchVerdict, HasAWordThatPeopleAndMachinesRead) {
  EXPECT_EQ(name(Verdict::regressed), "REGRESSED");
  EXPECT_EQ(name(Verdict::same_code), "SAME-CODE");
}

}  // namespace
}  // namespace assay::bench
