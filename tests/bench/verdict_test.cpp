// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "bench/statistics/comparison.hpp"

namespace assay::bench {
namespace {

Verdict verdict_of_rows(const std::vector<Verdict>& verdicts) {
  Comparison comparison;
  for (const Verdict verdict : verdicts) {
    comparison.rows.emplace_back();
    comparison.rows.back().verdict = verdict;
    comparison.rows.back().pairs = 20;
  }
  return verdict_of(comparison);
}

TEST(BenchVerdict, HasAWordThatPeopleAndMachinesRead) {
  EXPECT_EQ(name(Verdict::regressed), "REGRESSED");
  EXPECT_EQ(name(Verdict::same_code), "SAME-CODE");
}

TEST(BenchVerdict, OfAllRowsIsTheOneThatCallsForAction) {
  using enum Verdict;
  EXPECT_EQ(verdict_of_rows({same, regressed, invalid, inconclusive}), regressed);
  EXPECT_EQ(verdict_of_rows({improved, inconclusive, invalid}), invalid);
  EXPECT_EQ(verdict_of_rows({improved, inconclusive, same}), inconclusive);
  EXPECT_EQ(verdict_of_rows({same, improved, same_code}), improved);
  EXPECT_EQ(verdict_of_rows({same_code, same}), same);
  EXPECT_EQ(verdict_of_rows({same_code, same_code}), same_code);
}

TEST(BenchVerdict, DoesNotHangOnARowThatWasMeasuredOnce) {
  Comparison comparison;
  comparison.rows.resize(2);
  comparison.rows[0].verdict = Verdict::same;
  comparison.rows[0].pairs = 20;
  comparison.rows[1].pairs = 1;
  EXPECT_TRUE(is_single(comparison.rows[1]));
  EXPECT_EQ(verdict_of(comparison), Verdict::same);
  comparison.rows[1].pairs = 2;
  EXPECT_EQ(verdict_of(comparison), Verdict::inconclusive);
  comparison.rows[1].pairs = 1;
  comparison.rows[1].verdict = Verdict::regressed;  // by its instructions
  EXPECT_EQ(verdict_of(comparison), Verdict::regressed);
  comparison.rows.erase(comparison.rows.begin());
  comparison.rows[0].verdict = Verdict::inconclusive;
  EXPECT_EQ(verdict_of(comparison), Verdict::inconclusive);
}

TEST(BenchVerdict, HasAnExitCode) {
  EXPECT_EQ(exit_code(Verdict::same), 0);
  EXPECT_EQ(exit_code(Verdict::same_code), 0);
  EXPECT_EQ(exit_code(Verdict::improved), 0);
  EXPECT_EQ(exit_code(Verdict::regressed), 1);
  EXPECT_EQ(exit_code(Verdict::invalid), 2);
  EXPECT_EQ(exit_code(Verdict::inconclusive), 4);
}

}  // namespace
}  // namespace assay::bench
