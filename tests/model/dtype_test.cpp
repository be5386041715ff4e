// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/dtype.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace assay {
namespace {

TEST(DType, KnowsTheSizeOfEveryType) {
  EXPECT_EQ(size_bytes(DType::f64), 8U);
  EXPECT_EQ(size_bytes(DType::f32), 4U);
  EXPECT_EQ(size_bytes(DType::f16), 2U);
  EXPECT_EQ(size_bytes(DType::bf16), 2U);
  EXPECT_EQ(size_bytes(DType::i64), 8U);
  EXPECT_EQ(size_bytes(DType::u8), 1U);
}

TEST(DType, ReadsTheNamesOfSafetensors) {
  EXPECT_EQ(dtype_from_safetensors("BF16"), DType::bf16);
  EXPECT_EQ(dtype_from_safetensors("F8_E4M3"), std::nullopt);
  EXPECT_EQ(dtype_from_safetensors("bf16"), std::nullopt);
}

TEST(DType, WidensBfloat16AsTheUpperHalfOfAFloat) {
  EXPECT_EQ(widen_bf16(0x3F80), 1.0F);
  EXPECT_EQ(widen_bf16(0xC040), -3.0F);
}

TEST(DType, RoundsToTheNearestBfloat16AndToTheEvenOneOfTwo) {
  EXPECT_EQ(rounded_to_bf16(1.0F + 0x1p-9F), 1.0F);
  EXPECT_EQ(rounded_to_bf16(1.0F + 0x1.8p-8F), 1.0F + 0x1p-7F);
  EXPECT_EQ(rounded_to_bf16(1.0F + 0x1p-8F), 1.0F);
  EXPECT_EQ(rounded_to_bf16(1.0F + 0x1.8p-7F), 1.0F + 0x1p-6F);
  EXPECT_EQ(rounded_to_bf16(-1e-6F), -0x1.0cp-20F);
}

TEST(DType, WidensHalfPrecisionExactly) {
  EXPECT_EQ(widen_f16(0x3C00), 1.0F);
  EXPECT_EQ(widen_f16(0xC000), -2.0F);
  EXPECT_EQ(widen_f16(0x7BFF), 65504.0F);
  EXPECT_EQ(widen_f16(0x0001), std::ldexp(1.0F, -24));
  EXPECT_EQ(widen_f16(0xFC00), -INFINITY);
  EXPECT_TRUE(std::isnan(widen_f16(0x7E00)));
  EXPECT_TRUE(std::signbit(widen_f16(0x8000)));
}

}  // namespace
}  // namespace assay
