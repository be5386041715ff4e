// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/decoding.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/error_of.hpp"

namespace assay::generation {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::string refusal(double penalty, std::optional<Sampling> sampling = std::nullopt) {
  return test::error_of([&] { check({.repetition_penalty = penalty, .sampling = sampling}); });
}

std::string refusal(const Sampling& sampling) { return refusal(1.0, sampling); }

TEST(Decoding, InRangeIsTaken) {
  EXPECT_NO_THROW(check({}));
  EXPECT_NO_THROW(check({.repetition_penalty = 0.5, .sampling = Sampling{}}));
  EXPECT_NO_THROW(check({.sampling = Sampling{.temperature = 1e-3, .top_k = 1, .top_p = 1e-9, .min_p = 0.0}}));
  EXPECT_NO_THROW(check({.sampling = Sampling{.temperature = 10, .top_k = 1000, .top_p = 1, .min_p = 1.0}}));
}

TEST(Decoding, OutOfRangeIsRefused) {
  EXPECT_EQ(refusal(0.0), "repetition_penalty: expected a finite number above 0, found 0");
  EXPECT_EQ(refusal(-1.0), "repetition_penalty: expected a finite number above 0, found -1");
  EXPECT_EQ(refusal(nan), "repetition_penalty: expected a finite number above 0, found nan");
  EXPECT_EQ(refusal({.temperature = 0}), "temperature: expected a finite number above 0, found 0");
  EXPECT_EQ(refusal({.temperature = infinity}), "temperature: expected a finite number above 0, found inf");
  EXPECT_EQ(refusal({.top_k = 0}), "top_k: expected 1 or more, found 0");
  EXPECT_EQ(refusal({.top_p = 0}), "top_p: expected a number above 0, up to 1, found 0");
  EXPECT_EQ(refusal({.top_p = 1.5}), "top_p: expected a number above 0, up to 1, found 1.5");
  EXPECT_EQ(refusal({.top_p = nan}), "top_p: expected a number above 0, up to 1, found nan");
  EXPECT_EQ(refusal({.min_p = -0.5}), "min_p: expected 0 to 1, found -0.5");
  EXPECT_EQ(refusal({.min_p = nan}), "min_p: expected 0 to 1, found nan");
}

}  // namespace
}  // namespace assay::generation
