// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/loss.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "tests/optimized/every_target.hpp"
#include "tests/optimized/guarded_rows.hpp"

namespace assay::optimized {
namespace {

std::vector<double> terms_of(Rows<const float> logits, const std::vector<std::int64_t>& targets,
                             std::size_t threads = 1) {
  std::vector<double> terms(targets.size(), -1);
  cross_entropy_terms(logits, targets, terms, Threads(threads));
  return terms;
}

TEST(OptimizedCrossEntropy, IsTheLogOfTheSumLessTheTargetsLogit) {
  // torch.nn.functional.cross_entropy(tensor([[0., log(3)]]), tensor([0])) = log(4) = 1.3862944
  const std::vector<float> logits{0.0F, std::log(3.0F), 5.0F, 5.0F};
  const std::vector<double> terms = terms_of(dense(logits.data(), 2, 2), {0, 1});
  EXPECT_NEAR(terms[0], std::log(4.0), 1e-7);
  EXPECT_NEAR(terms[1], std::log(2.0), 1e-12);
}

/// Vocabularies around the blocks that are summed at once.
TEST(OptimizedCrossEntropy, AgreesWithSumsInDoubleAtOddSizes) {
  test::on_every_target([] {
    for (const std::size_t vocabulary : {1U, 2U, 7U, 97U, 2047U, 2048U, 2049U, 4111U}) {
      std::vector<float> logits = test::random_vector(3 * vocabulary, static_cast<unsigned>(vocabulary));
      // The largest in the last block: what was summed before it is scaled down.
      logits[vocabulary - 1] = 40.0F;
      for (std::size_t i = 0; i < vocabulary; ++i) logits[vocabulary + i] -= 300.0F;
      const auto last = static_cast<std::int64_t>(vocabulary) - 1;
      const std::vector<std::int64_t> targets{0, last, last / 2};
      const std::vector<double> terms = terms_of(dense<const float>(logits.data(), 3, vocabulary), targets);
      for (std::size_t row = 0; row < 3; ++row) {
        const float* values = logits.data() + row * vocabulary;
        const auto target = static_cast<double>(values[targets[row]]);
        double sum = 0;
        for (std::size_t i = 0; i < vocabulary; ++i) sum += std::exp(static_cast<double>(values[i]) - target);
        ASSERT_NEAR(terms[row], std::log(sum), 1e-12 * (1 + std::log(sum))) << vocabulary << ", row " << row;
      }
    }
  });
}

TEST(OptimizedCrossEntropy, HasTheSameBitsOnSevenThreads) {
  const std::vector<float> logits = test::random_vector(41 * 1023, 2);
  std::vector<std::int64_t> targets;
  for (std::int64_t row = 0; row < 41; ++row) targets.push_back(row % 5 == 0 ? no_target : row * 20);
  const Rows<const float> rows = dense<const float>(logits.data(), 41, 1023);
  EXPECT_EQ(terms_of(rows, targets, 7), terms_of(rows, targets));
  EXPECT_EQ(terms_of(rows, targets)[5], 0.0) << "has no target";
}

TEST(OptimizedCrossEntropy, OfALogitThatIsNoNumberIsNone) {
  for (const std::size_t place : {0U, 1U, 2100U}) {
    std::vector<float> logits(2200, 1.0F);
    logits[place] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(std::isnan(terms_of(dense<const float>(logits.data(), 1, 2200), {3})[0])) << place;
  }
}

TEST(OptimizedCrossEntropy, IsAMeanOverTargetsOrASumOverItems) {
  const std::vector<double> terms{1.0, 0.0, 5.0};
  const std::vector<std::int64_t> targets{4, no_target, 0};
  EXPECT_EQ(reduce_cross_entropy(terms, targets, 0), 3.0);
  EXPECT_EQ(reduce_cross_entropy(terms, targets, 12), 0.5);
  EXPECT_EQ(reduce_cross_entropy(std::vector<double>{0.0}, std::vector<std::int64_t>{no_target}, 4), 0.0);
}

TEST(OptimizedMeanSquaredError, IsTheMeanOfSquares) {
  // torch.nn.MSELoss()(tensor([1., -2., 0.5]), tensor([0., 2., 0.5])) = 17 / 3
  EXPECT_DOUBLE_EQ(mean_squared_error(std::vector<float>{1, -2, 0.5F}, std::vector<float>{0, 2, 0.5F}), 17.0 / 3.0);
}

TEST(OptimizedBinaryCrossEntropy, IsTheMeanOverAllLabels) {
  // torch.nn.BCEWithLogitsLoss()(tensor([0., 2.]), tensor([1., 0.25])) = (log(2) + log(1 + exp(2)) - 0.5) / 2
  EXPECT_NEAR(binary_cross_entropy(std::vector<float>{0, 2}, std::vector<float>{1, 0.25F}),
              (std::log(2.0) + std::log1p(std::exp(2.0)) - 0.5) / 2, 1e-15);
  // No exponential overflows: log(1 + exp(1000)) is 1000, log(1 + exp(-1000)) is 0.
  EXPECT_EQ(binary_cross_entropy(std::vector<float>{1000, -1000}, std::vector<float>{0, 0}), 500.0);
}

}  // namespace
}  // namespace assay::optimized
