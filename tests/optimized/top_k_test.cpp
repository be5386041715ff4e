// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/top_k.hpp"

#include <cmath>
#include <numeric>

#include "reference/ops/top_k.hpp"
#include "tests/optimized/every_target.hpp"
#include "tests/optimized/guarded_rows.hpp"

namespace assay::optimized {
namespace {

using test::GuardedRows;
using test::random_rows;

Tensor<std::int64_t, 2> experts_of(const GuardedRows& logits, std::size_t k, std::size_t threads = 1) {
  Tensor<std::int64_t, 2> experts({logits.count(), k});
  std::ranges::fill(experts.view().flat(), -1);
  top_k(logits.rows(), experts.view(), Threads(threads));
  return experts;
}

std::vector<std::int64_t> experts_of(const std::vector<float>& logits, std::size_t k) {
  Tensor<std::int64_t, 2> experts({1, k});
  top_k({logits.data(), 1, logits.size(), logits.size()}, experts.view(), Threads(1));
  return {experts.view().flat().begin(), experts.view().flat().end()};
}

Tensor<float, 2> weights_of(const GuardedRows& logits, const Tensor<std::int64_t, 2>& experts,
                            std::size_t threads = 1) {
  Tensor<float, 2> weights({experts.extent(0), experts.extent(1)});
  std::ranges::fill(weights.view().flat(), NAN);
  top_k_weights(logits.rows(), experts.view(), weights.view(), Threads(threads));
  return weights;
}

TEST(OptimizedTopK, ChoosesWhatTheScalarEngineChooses) {
  for (const std::size_t count : {1U, 7U, 40U, 64U, 129U}) {
    GuardedRows logits = random_rows(20, count, 1, 4.0F);
    // Every other token has its logits on a grid of nine numbers: mostly ties.
    for (std::size_t t = 0; t < 20; t += 2) {
      for (float& logit : logits.span(t)) logit = std::round(logit);
    }
    const Tensor<double, 2> doubles = logits.doubles();
    for (const std::size_t k : {std::size_t{1}, std::min<std::size_t>(count, 8), count}) {
      const Tensor<std::int64_t, 2> chosen = experts_of(logits, k);
      for (std::size_t t = 0; t < 20; ++t) {
        std::vector<std::int64_t> expected(k);
        reference::top_k<double>(doubles.view()[t], {expected.data(), {k}});
        for (std::size_t slot = 0; slot < k; ++slot) ASSERT_EQ(chosen(t, slot), expected[slot]) << count << " " << k;
      }
    }
  }
}

TEST(OptimizedTopK, GivesTheLowestExpertsAmongEquals) {
  EXPECT_EQ(experts_of({2, 2, 2, 2}, 3), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(experts_of({1, 3, 2, 3}, 3), (std::vector<std::int64_t>{1, 3, 2}));
}

TEST(OptimizedTopK, NamesOnlyExpertsThatExistWhateverTheLogits) {
  EXPECT_EQ(experts_of({NAN, NAN, NAN}, 2), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(experts_of({-INFINITY, -INFINITY, 1}, 2), (std::vector<std::int64_t>{2, 0}));
}

TEST(OptimizedTopKWeights, AreTheSoftmaxOfTheChosen) {
  const GuardedRows logits = random_rows(9, 40, 2, 8.0F);
  const Tensor<double, 2> doubles = logits.doubles();
  Tensor<std::int64_t, 2> experts = experts_of(logits, 8);
  // A harness may give experts in another order.
  std::swap(experts(3, 0), experts(3, 7));
  const Tensor<float, 2> weights = weights_of(logits, experts);
  for (std::size_t t = 0; t < 9; ++t) {
    std::vector<double> expected(8);
    reference::top_k_weights<double>(doubles.view()[t], std::as_const(experts).view()[t], {expected.data(), {8}});
    // The power and its quotient.
    for (std::size_t slot = 0; slot < 8; ++slot) {
      EXPECT_NEAR(weights(t, slot), expected[slot], 2.01 * test::rounding * expected[slot]);
    }
  }
}

TEST(OptimizedTopKWeights, SurviveLargeLogits) {
  GuardedRows logits(1, 3);
  std::ranges::copy(std::vector<float>{1e30F, 1e30F, -1e30F}, logits.span(0).begin());
  const Tensor<float, 2> weights = weights_of(logits, experts_of(logits, 3));
  EXPECT_EQ(weights(0, 0), 0.5F);
  EXPECT_EQ(weights(0, 1), 0.5F);
  EXPECT_EQ(weights(0, 2), 0.0F);
}

TEST(OptimizedTopKWeights, AreNaNWhereALogitIs) {
  GuardedRows logits(1, 3);
  std::ranges::copy(std::vector<float>{1.0F, NAN, 2.0F}, logits.span(0).begin());
  const Tensor<float, 2> weights = weights_of(logits, experts_of(logits, 3));
  for (const float weight : weights.view().flat()) EXPECT_TRUE(std::isnan(weight));
}

TEST(OptimizedTopK, ChoosesAndWeighsTheSameOnThreeThreads) {
  const GuardedRows logits = random_rows(129, 64, 3);
  const Tensor<std::int64_t, 2> experts = experts_of(logits, 8);
  const Tensor<std::int64_t, 2> on_three = experts_of(logits, 8, 3);
  EXPECT_TRUE(std::ranges::equal(on_three.view().flat(), experts.view().flat()));
  const Tensor<float, 2> weights = weights_of(logits, experts);
  const Tensor<float, 2> weights_on_three = weights_of(logits, experts, 3);
  EXPECT_TRUE(std::ranges::equal(weights_on_three.view().flat(), weights.view().flat()));
}

}  // namespace
}  // namespace assay::optimized
