// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/ssm.hpp"

#include <cmath>

#include "tests/reference/numbers.hpp"

namespace assay::reference {
namespace {

using test::expect_near;
using test::tensor_of;
using test::values_of;
using test::vector_of;

const double log_two = std::log(2.0);

/// One head, one channel, one state: a row of conv_out is x, B, C. Returns y; the state is replaced.
std::vector<double> scan_of(const std::vector<double>& rows, const std::vector<double>& dt, double a_log, double skip,
                            double& state) {
  const Tensor<double, 2> conv_out = tensor_of<double, 2>({dt.size(), 3}, rows);
  const Tensor<double, 2> steps = tensor_of<double, 2>({dt.size(), 1}, dt);
  Tensor<double, 3> memory = tensor_of<double, 3>({1, 1, 1}, {state});
  Tensor<double, 2> y({dt.size(), 1});
  ssm_scan<double>(conv_out.view(), steps.view(), vector_of({a_log}).matrix(), vector_of({skip}).matrix(),
                   {.heads = 1, .head_dim = 1, .groups = 1, .state = 1}, memory.view(), y.view());
  state = memory(0, 0, 0);
  return values_of(y);
}

TEST(SsmScan, TakesOneStepByHand) {
  // A = -2, decay exp(-2 * 0.5); S = 4/e + 0.5 * 3 * 5; y = 7 S + 11 * 3.
  double state = 4;
  const std::vector<double> y = scan_of({3, 5, 7}, {0.5}, log_two, 11, state);
  EXPECT_NEAR(state, 4 / std::exp(1.0) + 7.5, 1e-14);
  EXPECT_NEAR(y[0], 7 * (4 / std::exp(1.0) + 7.5) + 33, 1e-13);
}

TEST(SsmScan, DecaysWithTheStep) {
  // A = -1 and steps of ln 2 and ln 4: the state halves, then quarters.
  double state = 8;
  expect_near(scan_of({0, 0, 1, 0, 0, 1}, {log_two, 2 * log_two}, 0, 0, state), {4.0, 1.0}, 1e-14);
  EXPECT_NEAR(state, 1, 1e-15);
}

TEST(SsmScan, SkipsByTheInputAndNotByTheStep) {
  double state = 0;
  EXPECT_EQ(scan_of({3, 0, 0}, {0.125}, 0, 2, state), (std::vector<double>{6}));
}

TEST(SsmScan, StaysWhereTheStepIsZero) {
  double state = 5;
  EXPECT_EQ(scan_of({3, 7, 2}, {0}, 0, 0, state), (std::vector<double>{10}));
  EXPECT_EQ(state, 5);
}

TEST(SsmScan, CarriesItsStateFromCallToCall) {
  const std::vector<double> rows{1, 2, 3, -1, 0.5, 2, 4, -3, 1};
  double whole = 0.25;
  const std::vector<double> at_once = scan_of(rows, {0.1, 0.2, 0.3}, 0.5, 1.5, whole);
  double parts = 0.25;
  std::vector<double> in_parts = scan_of({1, 2, 3}, {0.1}, 0.5, 1.5, parts);
  for (const double y : scan_of({-1, 0.5, 2, 4, -3, 1}, {0.2, 0.3}, 0.5, 1.5, parts)) in_parts.push_back(y);
  EXPECT_EQ(in_parts, at_once);
  EXPECT_EQ(parts, whole);
}

TEST(SsmScan, GivesConsecutiveHeadsTheSameGroup) {
  // Four heads, two groups of one state. Columns: x of the heads, B of the groups, C of the groups.
  const Tensor<double, 2> conv_out = tensor_of<double, 2>({1, 8}, {1, 2, 3, 4, 10, 100, 5, 7});
  const Tensor<double, 2> dt = tensor_of<double, 2>({1, 4}, {1, 1, 1, 1});
  Tensor<double, 3> state({4, 1, 1});
  Tensor<double, 2> y({1, 4});
  ssm_scan<double>(conv_out.view(), dt.view(), vector_of({0, 0, 0, 0}).matrix(), vector_of({0, 0, 0, 0}).matrix(),
                   {.heads = 4, .head_dim = 1, .groups = 2, .state = 1}, state.view(), y.view());
  EXPECT_EQ(values_of(state), (std::vector<double>{10, 20, 300, 400}));
  EXPECT_EQ(values_of(y), (std::vector<double>{50, 100, 2100, 2800}));
}

TEST(SsmScan, GivesEachHeadItsOwnStepDecayAndSkip) {
  // Two heads of two channels, two states: S[h, p, n] = dt_h x[h, p] B[n].
  const Tensor<double, 2> conv_out = tensor_of<double, 2>({1, 8}, {1, 2, 3, 4, 10, 100, 1, 1});
  const Tensor<double, 2> dt = tensor_of<double, 2>({1, 2}, {log_two, 1});
  Tensor<double, 3> state = tensor_of<double, 3>({2, 2, 2}, {8, 8, 8, 8, 0, 0, 0, 0});
  Tensor<double, 2> y({1, 4});
  ssm_scan<double>(conv_out.view(), dt.view(), vector_of({0, 7}).matrix(), vector_of({0, 1000}).matrix(),
                   {.heads = 2, .head_dim = 2, .groups = 1, .state = 2}, state.view(), y.view());
  const double l = log_two;
  expect_near(values_of(state), {4 + 10 * l, 4 + 100 * l, 4 + 20 * l, 4 + 200 * l, 30, 300, 40, 400}, 1e-12);
  expect_near(values_of(y), {8 + 110 * l, 8 + 220 * l, 3330, 4440}, 1e-12);
}

}  // namespace
}  // namespace assay::reference
