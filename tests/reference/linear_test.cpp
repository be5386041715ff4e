// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/linear.hpp"

#include "tests/reference/numbers.hpp"

namespace assay::reference {
namespace {

using test::matrix_of;
using test::Stored;
using test::tensor_of;
using test::values_of;
using test::vector_of;

template <class T>
std::vector<T> linear_of(const std::vector<T>& x, const Stored& weight, const std::optional<WeightMatrix>& bias) {
  const WeightMatrix matrix = weight.matrix();
  const std::size_t tokens = x.size() / matrix.columns;
  const Tensor<T, 2> input = tensor_of<T, 2>({tokens, matrix.columns}, x);
  Tensor<T, 2> y({tokens, matrix.rows});
  linear<T>(input.view(), matrix, bias, y.view());
  return values_of(y);
}

TEST(Linear, MultipliesEachTokenByTheRowsOfTheWeight) {
  const Stored weight = matrix_of(3, {3, 4, 5, 6, 7, 8});
  EXPECT_EQ(linear_of<double>({1, 2, 0, -1}, weight, std::nullopt), (std::vector<double>{11, 17, 23, -4, -6, -8}));
}

TEST(Linear, AddsTheBiasOnceToEachToken) {
  const Stored weight = matrix_of(2, {3, 4, 5, 6});
  const Stored bias = vector_of({0.5, -1});
  EXPECT_EQ(linear_of<float>({1, 2, 0, -1}, weight, bias.matrix()), (std::vector<float>{11.5F, 16, -3.5F, -7}));
}

TEST(Linear, WidensFloat16) {
  // 1.5, -2, the smallest subnormal 2^-24, 65504
  const Stored weight(DType::f16, 2, std::vector<std::uint16_t>{0x3E00, 0xC000, 0x0001, 0x7BFF});
  EXPECT_EQ(linear_of<double>({2, 1}, weight, std::nullopt), (std::vector<double>{1, 65504 + 0x1p-23}));
}

TEST(Linear, WidensBfloat16) {
  // 1.5, -2, 1 + 2^-7, 2^-126
  const Stored weight(DType::bf16, 2, std::vector<std::uint16_t>{0x3FC0, 0xC000, 0x3F81, 0x0080});
  EXPECT_EQ(linear_of<double>({2, 1}, weight, std::nullopt), (std::vector<double>{1, 2 + 0x1p-6 + 0x1p-126}));
}

TEST(Linear, ReadsFloat32AsItIs) {
  const Stored weight(DType::f32, 1, std::vector<float>{0.1F, 3});
  EXPECT_EQ(linear_of<double>({1, 0}, weight, std::nullopt), (std::vector<double>{static_cast<double>(0.1F)}));
}

TEST(Linear, RoundsFloat64ToTheTypeOfTheEngine) {
  const Stored weight = matrix_of(1, {1 + 0x1p-40, -1});
  EXPECT_EQ(linear_of<double>({1, 1}, weight, std::nullopt), (std::vector<double>{0x1p-40}));
  EXPECT_EQ(linear_of<float>({1, 1}, weight, std::nullopt), (std::vector<float>{0}));
}

TEST(Linear, SumsInDouble) {
  // A float sum loses the 1 beside 2^30.
  const Stored weight = matrix_of(1, {0x1p30, 1, -0x1p30});
  EXPECT_EQ(linear_of<float>({1, 1, 1}, weight, std::nullopt), (std::vector<float>{1}));
}

}  // namespace
}  // namespace assay::reference
