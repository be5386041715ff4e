// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/conv.hpp"

#include "tests/reference/numbers.hpp"

namespace assay::reference {
namespace {

using test::matrix_of;
using test::tensor_of;
using test::values_of;
using test::vector_of;

// The output passes silu; silu(x) is x itself from 100 on, so that the taps are in hundreds.
constexpr std::size_t taps = 4;

std::vector<double> conv_of(const std::vector<double>& tokens, const std::vector<double>& history) {
  const Tensor<double, 2> projected = tensor_of<double, 2>({tokens.size(), 1}, tokens);
  const Tensor<double, 2> before = tensor_of<double, 2>({1, taps}, history);
  Tensor<double, 2> out({tokens.size(), 1});
  causal_conv<double>(projected.view(), 0, before.view(), matrix_of(1, {100, 200, 300, 400}).matrix(), std::nullopt, {},
                      out.view());
  return values_of(out);
}

std::vector<double> state_after(const std::vector<double>& tokens, const std::vector<double>& history) {
  const Tensor<double, 2> projected = tensor_of<double, 2>({tokens.size(), 1}, tokens);
  Tensor<double, 2> state = tensor_of<double, 2>({1, taps}, history);
  update_conv_state<double>(projected.view(), 0, state.view());
  return values_of(state);
}

TEST(CausalConv, AnswersAnImpulseWithItsTapsFromTheLast) {
  EXPECT_EQ(conv_of({1, 0, 0, 0, 0}, {0, 0, 0, 0}), (std::vector<double>{400, 300, 200, 100, 0}));
}

TEST(CausalConv, SeesNothingOfTheFuture) {
  EXPECT_EQ(conv_of({0, 0, 1}, {0, 0, 0, 0}), (std::vector<double>{0, 0, 400}));
}

TEST(CausalConv, GoesOnFromItsHistory) {
  // The oldest of the four columns has left the window: 2 * 100 + 3 * 200 + 4 * 300 + 5 * 400.
  EXPECT_EQ(conv_of({5}, {9999, 2, 3, 4}), (std::vector<double>{4000}));
  EXPECT_EQ(conv_of({0, 0, 0}, {9999, 2, 3, 4}), (std::vector<double>{2000, 1100, 400}));
}

TEST(CausalConv, AddsABiasAndActivates) {
  const Tensor<double, 2> projected = tensor_of<double, 2>({1, 1}, {1});
  const Tensor<double, 2> history({1, 2});
  Tensor<double, 2> out({1, 1});
  causal_conv<double>(projected.view(), 0, history.view(), matrix_of(1, {0, 2}).matrix(), vector_of({-1}).matrix(), {},
                      out.view());
  EXPECT_NEAR(out(0, 0), 0.7310585786300049, 1e-15);  // 1 / (1 + 1/e)
  causal_conv<double>(projected.view(), 0, history.view(), matrix_of(1, {0, 2}).matrix(), vector_of({-4}).matrix(),
                      {.kind = Activation::leaky_relu}, out.view());
  EXPECT_EQ(out(0, 0), -0.02);
}

TEST(CausalConv, KeepsChannelsApartAndStartsAtItsFirst) {
  // Columns: one that is not ours, then two channels with two taps each.
  const Tensor<double, 2> projected = tensor_of<double, 2>({2, 3}, {7, 1, 0, 7, 0, 1});
  const Tensor<double, 2> history = tensor_of<double, 2>({2, 2}, {0, 0, 0, 1});
  Tensor<double, 2> out({2, 2});
  causal_conv<double>(projected.view(), 1, history.view(), matrix_of(2, {100, 200, 300, 400}).matrix(),
                      vector_of({1000, 2000}).matrix(), {}, out.view());
  EXPECT_EQ(values_of(out), (std::vector<double>{1200, 2300, 1100, 2400}));
}

TEST(UpdateConvState, KeepsTheLastColumnsOldestFirst) {
  EXPECT_EQ(state_after({1, 2, 3, 4, 5, 6}, {9, 9, 9, 9}), (std::vector<double>{3, 4, 5, 6}));
}

TEST(UpdateConvState, StartsWithZerosWhereFewTokensCame) {
  EXPECT_EQ(state_after({1, 2}, {0, 0, 0, 0}), (std::vector<double>{0, 0, 1, 2}));
}

TEST(UpdateConvState, ShiftsItsHistory) {
  EXPECT_EQ(state_after({5}, {1, 2, 3, 4}), (std::vector<double>{2, 3, 4, 5}));
  EXPECT_EQ(state_after({5, 6, 7, 8}, {1, 2, 3, 4}), (std::vector<double>{5, 6, 7, 8}));
}

TEST(UpdateConvState, StoresWhatCameBeforeTheActivation) {
  EXPECT_EQ(state_after({-50}, {0, 0, 0, 0}), (std::vector<double>{0, 0, 0, -50}));
}

}  // namespace
}  // namespace assay::reference
