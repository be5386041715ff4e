// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/weight.hpp"

#include <limits>

#include "tests/reference/numbers.hpp"

namespace assay::reference {
namespace {

using test::matrix_of;
using test::Stored;

template <class T>
std::vector<T> row_of(const WeightMatrix& matrix, std::size_t row) {
  std::vector<T> values(matrix.columns);
  read_row<T>(matrix, row, values);
  return values;
}

TEST(WeightMatrix, FlattensTheLeadingAxes) {
  const std::vector<float> values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const Weights weights({{"w", {DType::f32, {2, 3, 2}, std::as_bytes(std::span(values)), "f"}}});
  const WeightMatrix matrix = weight_matrix(weights, "w");
  EXPECT_EQ(matrix.rows, 6U);
  EXPECT_EQ(matrix.columns, 2U);
  EXPECT_EQ(row_of<float>(matrix, 4), (std::vector<float>{8, 9}));
}

TEST(WeightMatrix, IsLeftOutWhereTheModelHasNone) {
  EXPECT_FALSE(weight_matrix_if(false, Weights({}), "w").has_value());
}

TEST(WeightMatrix, OfAnUnknownNameIsOurMistake) {
  EXPECT_THROW((void)weight_matrix(Weights({}), "w"), std::logic_error);
}

TEST(RowsOf, CountsInRowsOfTheStoredType) {
  const Stored f64 = matrix_of(4, {0, 1, 2, 3, 4, 5, 6, 7});
  const WeightMatrix middle = rows_of(f64.matrix(), 1, 2);
  EXPECT_EQ(middle.rows, 2U);
  EXPECT_EQ(row_of<double>(middle, 0), (std::vector<double>{2, 3}));
  EXPECT_EQ(row_of<double>(middle, 1), (std::vector<double>{4, 5}));
  const Stored bf16(DType::bf16, 3, std::vector<std::uint16_t>{0x3F80, 0x4000, 0x4040});
  EXPECT_EQ(row_of<float>(rows_of(bf16.matrix(), 2, 1), 0), (std::vector<float>{3}));
}

TEST(ReadRow, ReadsBytesAtAnyAddress) {
  // Stored keeps its bytes one beyond an aligned address.
  const Stored f32(DType::f32, 1, std::vector<float>{1.25F, -2});
  ASSERT_NE(reinterpret_cast<std::uintptr_t>(f32.matrix().data) % alignof(float), 0U);
  EXPECT_EQ(row_of<float>(f32.matrix(), 0), (std::vector<float>{1.25F, -2}));
  EXPECT_EQ(row_of<double>(matrix_of(1, {0.1}).matrix(), 0), (std::vector<double>{0.1}));
}

TEST(ReadRow, WidensSixteenBitsExactly) {
  const Stored f16(DType::f16, 1, std::vector<std::uint16_t>{0x0001, 0x83FF, 0x3555, 0xFC00});
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(row_of<double>(f16.matrix(), 0), (std::vector<double>{0x1p-24, -1023 * 0x1p-24, 0x1.554p-2, -infinity}));
  const Stored bf16(DType::bf16, 1, std::vector<std::uint16_t>{0x0001, 0x7F7F, 0x8000});
  EXPECT_EQ(row_of<double>(bf16.matrix(), 0), (std::vector<double>{0x1p-133, 0x1.FEp127, -0.0}));
}

TEST(ReadRow, RoundsFloat64ToNearestWhereTheEngineIsFloat) {
  const Stored f64 = matrix_of(1, {0.1, 1 + 0x1p-24, 1 + 0x1.8p-23});
  EXPECT_EQ(row_of<float>(f64.matrix(), 0), (std::vector<float>{0.1F, 1, 1 + 0x1p-22F}));
}

TEST(ReadVector, ReadsATensorOfOneAxis) {
  EXPECT_EQ(read_vector<float>(test::vector_of({1, 2, 3}).matrix()), (std::vector<float>{1, 2, 3}));
}

}  // namespace
}  // namespace assay::reference
