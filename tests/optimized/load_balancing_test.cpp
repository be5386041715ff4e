// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/load_balancing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/optimized/guarded_rows.hpp"

namespace assay::optimized {
namespace {

double loss_of(const std::vector<std::vector<float>>& layers, std::size_t experts, std::size_t experts_per_token,
               std::optional<View<const std::int64_t, 2>> mask = std::nullopt, std::size_t threads = 1) {
  LoadBalancing load_balancing(experts, experts_per_token, mask);
  for (const std::vector<float>& logits : layers) {
    load_balancing.add(dense(logits.data(), logits.size() / experts, experts), Threads(threads));
  }
  return load_balancing.loss();
}

TEST(OptimizedLoadBalancing, OfPerfectBalanceIsTheExpertsOfAToken) {
  // Each of four experts once among the two largest of two rows, the same probability at every expert on average.
  EXPECT_NEAR(loss_of({{3, 3, 0, 0, 0, 0, 3, 3}}, 4, 2), 2.0, 1e-12);
  EXPECT_NEAR(loss_of({{3, 3, 0, 0}, {0, 0, 3, 3}}, 4, 2), 2.0, 1e-12) << "over all layers together";
}

TEST(OptimizedLoadBalancing, IsTheProductOfSharesAndProbabilities) {
  // One row, logits log(1), log(2), log(5), of which one is chosen: 3 * 1 * 5/8.
  EXPECT_NEAR(loss_of({{0.0F, std::log(2.0F), std::log(5.0F)}}, 3, 1), 3 * 5.0 / 8.0, 1e-7);
  EXPECT_NEAR(loss_of({{1, 1, 1}}, 3, 2), 2.0, 1e-12) << "of equal logits the first are chosen";
}

TEST(OptimizedLoadBalancing, LeavesMaskedTokensOut) {
  const std::vector<std::int64_t> mask{1, 0};
  EXPECT_NEAR(loss_of({{0.0F, std::log(3.0F), 9.0F, -9.0F}}, 2, 1, View<const std::int64_t, 2>(mask.data(), {1, 2})),
              2 * 3.0 / 4.0, 1e-7);
}

TEST(OptimizedLoadBalancing, AgreesWithSumsInDoubleOnAnyNumberOfThreads) {
  constexpr std::size_t experts = 11;
  constexpr std::size_t chosen = 4;
  for (const std::size_t rows : {1U, 63U, 64U, 65U, 200U}) {
    std::vector<std::vector<float>> layers;
    for (unsigned layer = 0; layer < 3; ++layer) layers.push_back(test::random_vector(rows * experts, layer));
    std::vector<std::int64_t> mask(rows, 1);
    for (std::size_t row = 3; row < rows; row += 5) mask[row] = 0;
    std::vector<double> shares(experts);
    std::vector<double> probabilities(experts);
    double counted = 0;
    for (const std::vector<float>& layer : layers) {
      for (std::size_t row = 0; row < rows; ++row) {
        if (mask[row] == 0) continue;
        const float* logits = layer.data() + row * experts;
        std::vector<std::size_t> order(experts);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
        double sum = 0;
        for (std::size_t e = 0; e < experts; ++e) sum += std::exp(static_cast<double>(logits[e]));
        for (std::size_t slot = 0; slot < chosen; ++slot) shares[order[slot]] += 1;
        for (std::size_t e = 0; e < experts; ++e) probabilities[e] += std::exp(static_cast<double>(logits[e])) / sum;
        counted += 1;
      }
    }
    double expected = 0;
    for (std::size_t e = 0; e < experts; ++e) expected += experts * shares[e] / counted * probabilities[e] / counted;
    const View<const std::int64_t, 2> view(mask.data(), {1, rows});
    const double on_one = loss_of(layers, experts, chosen, view);
    EXPECT_NEAR(on_one, expected, 1e-12 * expected) << rows;
    for (const std::size_t threads : {2U, 3U, 7U}) EXPECT_EQ(loss_of(layers, experts, chosen, view, threads), on_one);
  }
}

}  // namespace
}  // namespace assay::optimized
