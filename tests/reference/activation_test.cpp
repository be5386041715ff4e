// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/activation.hpp"

#include <gtest/gtest.h>

namespace assay::reference {
namespace {

TEST(Silu, IsXTimesItsSigmoid) {
  EXPECT_EQ(silu(0), 0);
  EXPECT_NEAR(silu(1), 0.7310585786300049, 1e-15);
  EXPECT_NEAR(silu(-1), -0.2689414213699951, 1e-15);
  EXPECT_EQ(silu(1000), 1000);
  EXPECT_EQ(silu(-1000), 0);
}

TEST(Softplus, IsTheLogarithmOfOnePlusTheExponential) {
  EXPECT_NEAR(softplus(0), std::log(2.0), 1e-15);
  EXPECT_NEAR(softplus(1), 1.3132616875182228, 1e-15);
}

TEST(Softplus, IsTheIdentityAboveTwenty) {
  EXPECT_EQ(softplus(20.5), 20.5);
  EXPECT_EQ(softplus(1e4), 1e4);
  EXPECT_GT(softplus(20), 20);
}

TEST(Softplus, KeepsItsDigitsFarBelowZero) { EXPECT_NEAR(softplus(-50) / std::exp(-50.0), 1, 1e-14); }

}  // namespace
}  // namespace assay::reference
