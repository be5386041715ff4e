// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/stored_vector.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "model/dtype.hpp"
#include "tests/optimized/every_target.hpp"
#include "tests/optimized/guarded_rows.hpp"
#include "tests/optimized/stored_tensor.hpp"
#include "tests/support/error_of.hpp"

namespace assay::optimized {
namespace {

using test::OddlyStored;
using test::on_every_target;

std::vector<std::uint16_t> all_of_16_bits() {
  std::vector<std::uint16_t> bits(1U << 16U);
  std::iota(bits.begin(), bits.end(), std::uint16_t{0});
  return bits;
}

void expect_widened(const std::vector<float>& actual, float (*widen_one)(std::uint16_t)) {
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const float expected = widen_one(static_cast<std::uint16_t>(i));
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(actual[i])) << i;
    } else {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(actual[i]), std::bit_cast<std::uint32_t>(expected)) << i;
    }
  }
}

TEST(OptimizedReadVector, WidensEveryFloat16Exactly) {
  on_every_target([] {
    const OddlyStored stored(DType::f16, {1U << 16U}, all_of_16_bits());
    expect_widened(read_vector(stored.tensor()), widen_f16);
  });
}

TEST(OptimizedReadVector, WidensEveryBfloat16Exactly) {
  on_every_target([] {
    const OddlyStored stored(DType::bf16, {1U << 16U}, all_of_16_bits());
    expect_widened(read_vector(stored.tensor()), [](std::uint16_t bits) { return widen_bf16(bits); });
  });
}

TEST(OptimizedReadVector, CopiesFloat32AndRoundsFloat64AtAnyLength) {
  on_every_target([] {
    for (const std::size_t count : test::odd_widths) {
      std::vector<float> floats = test::random_vector(count, 1);
      std::vector<double> doubles(count);
      for (std::size_t i = 0; i < count; ++i) doubles[i] = static_cast<double>(floats[i]) * (1 + 0x1p-26);
      EXPECT_EQ(read_vector(OddlyStored(DType::f32, {count}, floats).tensor()), floats);
      EXPECT_EQ(read_vector(OddlyStored(DType::f64, {count}, doubles).tensor()), floats);
    }
  });
}

TEST(OptimizedReadVector, KeepsInfinitiesAndNaN) {
  on_every_target([] {
    for (const std::size_t count : {1U, 5U}) {
      for (const double value : {static_cast<double>(INFINITY), -static_cast<double>(INFINITY), 1e300}) {
        const OddlyStored stored(DType::f64, {count}, std::vector<double>(count, value));
        EXPECT_EQ(read_vector(stored.tensor()), std::vector<float>(count, value > 0 ? INFINITY : -INFINITY));
      }
      const OddlyStored stored(DType::f64, {count}, std::vector<double>(count, static_cast<double>(NAN)));
      const std::vector<float> elements = read_vector(stored.tensor());
      for (const float element : elements) EXPECT_TRUE(std::isnan(element));
    }
  });
}

TEST(OptimizedReadVector, RefusesIntegers) {
  const OddlyStored stored(DType::i64, {2}, std::vector<std::int64_t>{1, 2});
  EXPECT_EQ(test::error_of([&] { (void)read_vector(stored.tensor()); }),
            "model.safetensors: expected a weight of f64, f32, f16 or bf16, found i64[2]");
}

TEST(OptimizedWiden, ReadsAPartAndNothingElse) {
  on_every_target([] {
    for (const std::size_t count : {1U, 7U, 17U, 33U}) {
      const std::vector<float> floats = test::random_vector(count + 5, 2);
      const OddlyStored stored(DType::f32, {count + 5}, floats);
      test::GuardedRows out(1, count);
      widen(stored.tensor(), 3, out.span(0));
      for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(out.span(0)[i], floats[3 + i]);
    }
  });
}

}  // namespace
}  // namespace assay::optimized
