// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/observe/recorded_values.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <stdexcept>

namespace assay::bench {
namespace {

constexpr ProbePoint hidden{Site::layer_out, LayerIndex{1}};
constexpr ProbePoint experts{Site::router_experts, LayerIndex{1}};

/// 1, 2, 3, ...
std::vector<float> counted(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 1.0F);
  return values;
}

RecordedValues recorded(const std::vector<float>& floats, const std::vector<std::int64_t>& integers = {}) {
  RecordedValues values;
  values.observe(hidden, {std::span(floats), {floats.size()}});
  if (!integers.empty()) values.observe(experts, {std::span(integers), {integers.size()}});
  return values;
}

MutableSiteValue shown(std::vector<float>& values) { return {std::span(values), {values.size()}}; }

TEST(RecordedValues, AreThoseOfEverySiteInItsOrder) {
  const RecordedValues values = recorded({1, 2, 3}, {4, 5});
  ASSERT_EQ(values.values().size(), 2U);
  EXPECT_EQ(values.values()[0].point, hidden);
  EXPECT_EQ(values.values()[0].floats, (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(values.values()[1].integers, (std::vector<std::int64_t>{4, 5}));
  EXPECT_EQ(values.elements(), 5U);
}

TEST(InjectedComparison, FindsNoErrorInEqualValues) {
  const RecordedValues expected = recorded(counted(5000));
  InjectedComparison comparison(expected, 2);
  std::vector<float> actual = counted(5000);
  comparison.inject(hidden, shown(actual));
  EXPECT_EQ(comparison.worst(), 0);
  EXPECT_EQ(comparison.compared(), 1U);
}

TEST(InjectedComparison, GivesTheRelativeErrorAndPutsTheExpectedValuesInPlace) {
  const RecordedValues expected = recorded({3, 4, 0, 0});
  InjectedComparison comparison(expected, 1);
  std::vector<float> actual{3, 4, 0, 1};  // off by 1 where the norm is 5
  comparison.inject(hidden, shown(actual));
  EXPECT_FLOAT_EQ(static_cast<float>(comparison.worst()), 0.2F);
  EXPECT_EQ(actual, (std::vector<float>{3, 4, 0, 0}));
  comparison.restart();
  EXPECT_EQ(comparison.worst(), 0);
  EXPECT_EQ(comparison.compared(), 0U);
}

TEST(InjectedComparison, LooksAtEveryElementOfALongValue) {
  const RecordedValues expected = recorded(counted(70000));
  for (const std::size_t place : {0UL, 1023UL, 1024UL, 68608UL, 69999UL}) {
    InjectedComparison comparison(expected, 3);
    std::vector<float> actual = counted(70000);
    actual[place] += 1e6F;
    comparison.inject(hidden, shown(actual));
    EXPECT_GT(comparison.worst(), 0) << "at " << place;
    EXPECT_EQ(actual, counted(70000)) << "at " << place;
  }
}

TEST(InjectedComparison, TakesRowsWhereTheyLie) {
  const RecordedValues expected = recorded({1, 2, 3, 4, 5, 6});
  InjectedComparison comparison(expected, 2);
  ASSERT_TRUE(comparison.takes_rows());
  std::vector<float> memory{5, 6, -1, 1, 2, -1, 3, 9, -1};  // rows of two in places of three, the last first
  const std::vector<float*> rows{&memory[3], &memory[6], &memory[0]};
  comparison.inject_rows(hidden, {rows, 2, {3, 2}});
  EXPECT_FLOAT_EQ(static_cast<float>(comparison.worst()), std::sqrt(25.0F / 91.0F));  // 9 instead of 4
  EXPECT_EQ(memory, (std::vector<float>{5, 6, -1, 1, 2, -1, 3, 4, -1}));
}

TEST(InjectedComparison, TakesValuesThatAreNoNumbersForErrors) {
  const RecordedValues expected = recorded({1, 2});
  InjectedComparison comparison(expected, 1);
  std::vector<float> actual{1, std::nanf("")};
  comparison.inject(hidden, shown(actual));
  EXPECT_EQ(comparison.worst(), HUGE_VAL);
  EXPECT_EQ(actual, (std::vector<float>{1, 2}));
}

TEST(InjectedComparison, AllowsNoOtherExpert) {
  const RecordedValues expected = recorded({1}, {4, 5});
  InjectedComparison comparison(expected, 1);
  std::vector<float> actual{1};
  comparison.inject(hidden, shown(actual));
  std::vector<std::int64_t> chosen{4, 6};
  comparison.inject(experts, {std::span(chosen), {2}});
  EXPECT_EQ(comparison.worst(), HUGE_VAL);
  EXPECT_EQ(chosen, (std::vector<std::int64_t>{4, 5}));
}

TEST(InjectedComparison, RefusesACallThatShowsOtherSites) {
  const RecordedValues expected = recorded({1});
  InjectedComparison comparison(expected, 1);
  std::vector<float> actual{1};
  EXPECT_THROW(comparison.inject({Site::layer_out, LayerIndex{2}}, shown(actual)), std::logic_error);
  comparison.inject(hidden, shown(actual));
  EXPECT_THROW(comparison.inject(hidden, shown(actual)), std::logic_error);
}

}  // namespace
}  // namespace assay::bench
