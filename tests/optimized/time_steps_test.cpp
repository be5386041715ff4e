// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/time_steps.hpp"

#include <cmath>

#include "reference/ops/activation.hpp"
#include "tests/optimized/every_target.hpp"
#include "tests/optimized/guarded_rows.hpp"

namespace assay::optimized {
namespace {

using test::GuardedRows;
using test::on_every_target;
using test::random_rows;
using test::random_vector;

GuardedRows steps_of(const GuardedRows& raw, const std::vector<float>& dt_bias, double lower = 0.0,
                     double upper = INFINITY, std::size_t threads = 1) {
  GuardedRows dt(raw.count(), raw.width());
  time_steps(raw.rows(), dt_bias, lower, upper, dt.rows(), Threads(threads));
  return dt;
}

float step_of(float raw) {
  GuardedRows row(1, 1);
  row.span(0)[0] = raw;
  return steps_of(row, {0.0F}).span(0)[0];
}

TEST(OptimizedTimeSteps, AreTheRoundedSoftplusAtAnyWidth) {
  on_every_target([] {
    for (const std::size_t width : test::odd_widths) {
      const GuardedRows raw = random_rows(3, width, 1, 40.0F);
      const std::vector<float> dt_bias = random_vector(width, 2);
      Tensor<double, 2> expected = raw.doubles();
      for (std::size_t row = 0; row < 3; ++row) {
        for (std::size_t i = 0; i < width; ++i) {
          expected(row, i) = reference::softplus(expected(row, i) + static_cast<double>(dt_bias[i]));
        }
      }
      expect_rounded(steps_of(raw, dt_bias), expected, 1.001);
    }
  });
}

TEST(OptimizedTimeSteps, AreClampedToTheirLimits) {
  on_every_target([] {
    const GuardedRows raw = random_rows(3, 17, 3, 10.0F);
    const std::vector<float> dt_bias(17, 0.0F);
    const GuardedRows free = steps_of(raw, dt_bias);
    const GuardedRows clamped = steps_of(raw, dt_bias, 0.05, 0.9);
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t i = 0; i < 17; ++i) {
        EXPECT_EQ(clamped.span(row)[i], std::clamp(free.span(row)[i], 0.05F, 0.9F));
      }
    }
  });
}

TEST(OptimizedTimeSteps, FollowSoftplusAtItsEnds) {
  on_every_target([] {
    EXPECT_EQ(step_of(20.5F), 20.5F);
    EXPECT_EQ(step_of(1e30F), 1e30F);
    EXPECT_EQ(step_of(-1e30F), 0.0F);
    EXPECT_EQ(step_of(-INFINITY), 0.0F);
    EXPECT_NEAR(step_of(-80.0F) / std::exp(-80.0), 1.0, 1e-7);
    EXPECT_TRUE(std::isnan(step_of(NAN)));
  });
}

TEST(OptimizedTimeSteps, HaveTheSameBitsOnThreeThreads) {
  const GuardedRows raw = random_rows(41, 100, 4, 10.0F);
  const std::vector<float> dt_bias = random_vector(100, 5);
  expect_same_bits(steps_of(raw, dt_bias, 0.0, INFINITY, 3), steps_of(raw, dt_bias));
}

}  // namespace
}  // namespace assay::optimized
