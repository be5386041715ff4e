// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/norm.hpp"

#include <cmath>
#include <limits>

#include "tests/reference/numbers.hpp"

namespace assay::reference {
namespace {

using test::expect_near;
using test::tensor_of;
using test::values_of;
using test::vector_of;

template <class T>
std::vector<T> rms_norm_of(std::size_t tokens, const std::vector<T>& x, const std::vector<double>& weight, double eps) {
  const Tensor<T, 2> input = tensor_of<T, 2>({tokens, weight.size()}, x);
  Tensor<T, 2> y({tokens, weight.size()});
  rms_norm<T>(input.view(), vector_of(weight).matrix(), eps, y.view());
  return values_of(y);
}

std::vector<double> layer_norm_of(std::size_t tokens, const std::vector<double>& x, const std::vector<double>& weight,
                                  const std::vector<double>& bias, double eps) {
  const Tensor<double, 2> input = tensor_of<double, 2>({tokens, weight.size()}, x);
  Tensor<double, 2> y({tokens, weight.size()});
  layer_norm<double>(input.view(), vector_of(weight).matrix(), vector_of(bias).matrix(), eps, y.view());
  return values_of(y);
}

/// One token; the gate may be wider than x.
std::vector<double> gated_rms_norm_of(const std::vector<double>& x, const std::vector<double>& gate,
                                      const std::vector<double>& weight, std::size_t groups) {
  const Tensor<double, 2> input = tensor_of<double, 2>({1, x.size()}, x);
  const Tensor<double, 2> gates = tensor_of<double, 2>({1, gate.size()}, gate);
  Tensor<double, 2> y({1, x.size()});
  gated_rms_norm<double>(input.view(), gates.view(), vector_of(weight).matrix(), groups, 0.0, y.view());
  return values_of(y);
}

TEST(RmsNorm, ScalesEachRowByItsOwnNorm) {
  // The mean square of 3, 4 is 12.5; that of 30, 40 is a hundred times as much.
  const double inverse = 1 / std::sqrt(12.5);
  expect_near(rms_norm_of<double>(2, {3, 4, 30, 40}, {1, 1}, 0.0), {3 * inverse, 4 * inverse, 3 * inverse, 4 * inverse},
              1e-15);
}

TEST(RmsNorm, MultipliesByTheWeight) {
  expect_near(rms_norm_of<float>(1, {-5, 5}, {2, -0.5}, 0.0), {-2.0F, -0.5F}, 1e-7);
}

TEST(RmsNorm, AddsEpsilonInsideTheRoot) {
  // 1e-3 / sqrt(1e-6 + 1e-6); outside the root it would be 0.999.
  expect_near(rms_norm_of<double>(1, {1e-3, 1e-3, 1e-3, 1e-3}, {1, 1, 1, 1}, 1e-6), std::vector(4, std::sqrt(0.5)),
              1e-12);
}

TEST(RmsNorm, GivesZerosForZeros) {
  EXPECT_EQ(rms_norm_of<float>(1, {0, 0}, {1, 1}, 1e-6), (std::vector<float>{0, 0}));
}

TEST(RmsNorm, SquaresLargeFloatsWithoutOverflow) {
  expect_near(rms_norm_of<float>(1, {1e30F, -1e30F}, {1, 1}, 1e-6), {1.0F, -1.0F}, 1e-6);
}

TEST(LayerNorm, DividesByTheBiasedDeviation) {
  // Mean 1, variance 1; the unbiased variance 2 would give 0.707.
  EXPECT_EQ(layer_norm_of(2, {0, 2, 4, 0}, {1, 1}, {0, 0}, 0.0), (std::vector<double>{-1, 1, 1, -1}));
}

TEST(LayerNorm, AppliesWeightThenBias) {
  EXPECT_EQ(layer_norm_of(1, {0, 2}, {2, 3}, {10, 20}, 0.0), (std::vector<double>{8, 23}));
}

TEST(LayerNorm, IgnoresAConstantAddedToTheRow) {
  const std::vector<double> weight{1, 2, 3};
  const std::vector<double> bias{0.5, 0, -1};
  expect_near(layer_norm_of(1, {1001, 1005, 1003}, weight, bias, 1e-5), layer_norm_of(1, {1, 5, 3}, weight, bias, 1e-5),
              1e-12);
}

TEST(LayerNorm, AddsEpsilonInsideTheRoot) {
  // Deviations of 1e-3: the variance equals epsilon.
  expect_near(layer_norm_of(1, {-1e-3, 1e-3}, {1, 1}, {0, 0}, 1e-6), {-std::sqrt(0.5), std::sqrt(0.5)}, 1e-12);
}

TEST(GatedRmsNorm, GatesBeforeItNorms) {
  // silu(1000) is 1000: the norm divides 1000, 2000 by their root mean square. Gated last it would give the gates.
  const double inverse = 1 / std::sqrt(2.5);
  expect_near(gated_rms_norm_of({1, 1}, {1000, 2000}, {1, 1}, 1), {inverse, 2 * inverse}, 1e-12);
}

TEST(GatedRmsNorm, NormsEachGroupByItself) {
  const double inverse = 1 / std::sqrt(12.5);
  expect_near(gated_rms_norm_of({3, 4, 30, 40}, {1000, 1000, 1000, 1000}, {1, 1, 1, 2}, 2),
              {3 * inverse, 4 * inverse, 3 * inverse, 8 * inverse}, 1e-12);
}

TEST(GatedRmsNorm, ReadsTheGateFromTheFirstColumnsOnly) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_near(gated_rms_norm_of({5, -5}, {1000, 1000, nan}, {1, 1}, 1), {1.0, -1.0}, 1e-12);
}

TEST(GatedRmsNorm, GatesBySiluAndNotBySigmoid) {
  // silu(1) / silu(-1) = -e; sigmoid(1) / sigmoid(-1) = e.
  const std::vector<double> y = gated_rms_norm_of({1, 1}, {1, -1}, {1, 1}, 1);
  EXPECT_NEAR(y[0] / y[1], -std::exp(1.0), 1e-12);
}

}  // namespace
}  // namespace assay::reference
