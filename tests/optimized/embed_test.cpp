// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/embed.hpp"

#include "tests/optimized/every_target.hpp"
#include "tests/optimized/guarded_rows.hpp"
#include "tests/optimized/stored_tensor.hpp"
#include "tests/support/error_of.hpp"

namespace assay::optimized {
namespace {

using test::GuardedRows;
using test::OddlyStored;

TEST(OptimizedEmbed, TakesTheRowOfEachIdTimesTheMultiplier) {
  test::on_every_target([] {
    for (const std::size_t width : test::odd_widths) {
      const std::vector<float> table = test::random_vector(5 * width, 1);
      const OddlyStored stored(DType::f32, {5, width}, table);
      const std::vector<std::int64_t> ids{4, 0, 4};
      GuardedRows x(3, width);
      embed(ids, stored.tensor(), 12.3F, x.rows(), Threads(1));
      for (std::size_t t = 0; t < 3; ++t) {
        for (std::size_t i = 0; i < width; ++i) {
          ASSERT_EQ(x.span(t)[i], table[static_cast<std::size_t>(ids[t]) * width + i] * 12.3F);
        }
      }
    }
  });
}

TEST(OptimizedEmbed, RoundsAFloat64TableBeforeItMultiplies) {
  // 1 + 2^-24 + 2^-40 rounds up to 1 + 2^-23; times 3 that is a tie, which goes to the even 3 + 2^-21. The product of
  // the table's own number would round down to 3 + 2^-22.
  const OddlyStored stored(DType::f64, {1, 1}, std::vector<double>{1 + 0x1p-24 + 0x1p-40});
  const std::vector<std::int64_t> ids{0};
  test::on_every_target([&] {
    GuardedRows x(1, 1);
    embed(ids, stored.tensor(), 3.0F, x.rows(), Threads(1));
    EXPECT_EQ(x.span(0)[0], (1.0F + 0x1p-23F) * 3.0F);
    EXPECT_NE(x.span(0)[0], static_cast<float>((1 + 0x1p-24 + 0x1p-40) * 3.0));
  });
}

TEST(OptimizedEmbed, ScalesWhatACallerGivesInsteadOfIds) {
  for (const std::size_t width : test::odd_widths) {
    const std::vector<float> given = test::random_vector(41 * width, 1);
    for (const std::size_t threads : {1U, 3U}) {
      GuardedRows x(41, width);
      embed(given, 12.3F, x.rows(), Threads(threads));
      for (std::size_t t = 0; t < 41; ++t) {
        for (std::size_t i = 0; i < width; ++i) ASSERT_EQ(x.span(t)[i], given[t * width + i] * 12.3F);
      }
    }
  }
}

TEST(OptimizedEmbed, HasTheSameBitsOnThreeThreads) {
  const OddlyStored stored(DType::f32, {7, 1023}, test::random_vector(7 * 1023, 2));
  std::vector<std::int64_t> ids;
  for (std::int64_t t = 0; t < 41; ++t) ids.push_back(t * 5 % 7);
  GuardedRows one(41, 1023);
  GuardedRows three(41, 1023);
  embed(ids, stored.tensor(), 12.0F, one.rows(), Threads(1));
  embed(ids, stored.tensor(), 12.0F, three.rows(), Threads(3));
  expect_same_bits(three, one);
}

TEST(OptimizedEmbed, RefusesATableOfIntegers) {
  const OddlyStored stored(DType::u8, {1, 2}, std::vector<std::uint8_t>{1, 2});
  const std::vector<std::int64_t> ids{0};
  GuardedRows x(1, 2);
  EXPECT_EQ(test::error_of([&] { embed(ids, stored.tensor(), 1.0F, x.rows(), Threads(3)); }),
            "model.safetensors: expected a weight of f64, f32, f16 or bf16, found u8[1, 2]");
}

}  // namespace
}  // namespace assay::optimized
