// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/rope.hpp"

#include <cmath>

#include "tests/reference/numbers.hpp"

namespace assay::reference {
namespace {

using test::expect_near;
using test::tensor_of;
using test::values_of;

struct Table {
  Tensor<double, 3> cos;
  Tensor<double, 3> sin;
};

Table table_of(const std::vector<std::int64_t>& positions, const std::vector<float>& inv_freq, std::size_t rows = 1) {
  const std::size_t tokens = positions.size() / rows;
  const Tensor<std::int64_t, 2> at = tensor_of<std::int64_t, 2>({rows, tokens}, positions);
  Table table{Tensor<double, 3>({rows, tokens, 2 * inv_freq.size()}),
              Tensor<double, 3>({rows, tokens, 2 * inv_freq.size()})};
  rope_table<double>(at.view(), View<const float, 1>(inv_freq.data(), {inv_freq.size()}), 1.0, table.cos.view(),
                     table.sin.view());
  return table;
}

TEST(RopeTable, RepeatsTheAnglesInBothHalves) {
  const Table table = table_of({0, 2}, {1.0F, 0.5F});
  expect_near(values_of(table.cos), {1, 1, 1, 1, std::cos(2.0), std::cos(1.0), std::cos(2.0), std::cos(1.0)}, 1e-15);
  expect_near(values_of(table.sin), {0, 0, 0, 0, std::sin(2.0), std::sin(1.0), std::sin(2.0), std::sin(1.0)}, 1e-15);
}

TEST(RopeTable, RoundsTheAngleToFloat32) {
  // 100001 times 0.1F is 10000.10015; floats near 10000 are 1/1024 apart, and 103/1024 is the nearest.
  const double angle = 10000.0 + 103.0 / 1024.0;
  const Table table = table_of({100001}, {0.1F});
  EXPECT_EQ(table.cos(0, 0, 0), std::cos(angle));
  EXPECT_EQ(table.sin(0, 0, 0), std::sin(angle));
}

TEST(ApplyRope, TurnsTheTwoHalvesOfAHead) {
  // Position 1, all frequencies 1: x'[0] = x[0] cos 1 - x[d/2] sin 1, not x[1].
  const Table table = table_of({1}, {1.0F, 1.0F});
  const Tensor<double, 4> x = tensor_of<double, 4>({1, 1, 1, 4}, {2, 3, 5, 7});
  Tensor<double, 4> rotated({1, 1, 1, 4});
  apply_rope<double>(x.view(), table.cos.view(), table.sin.view(), rotated.view());
  const double c = std::cos(1.0);
  const double s = std::sin(1.0);
  expect_near(values_of(rotated), {2 * c - 5 * s, 3 * c - 7 * s, 5 * c + 2 * s, 7 * c + 3 * s}, 1e-15);
}

TEST(ApplyRope, LeavesPositionZeroAlone) {
  const Table table = table_of({0}, {1.0F});
  const Tensor<double, 4> x = tensor_of<double, 4>({1, 2, 1, 2}, {2, 3, 5, 7});
  Tensor<double, 4> rotated({1, 2, 1, 2});
  apply_rope<double>(x.view(), table.cos.view(), table.sin.view(), rotated.view());
  EXPECT_EQ(values_of(rotated), values_of(x));
}

TEST(ApplyRope, TakesARowOfPositionsForEachSequenceOrOneForAll) {
  const Tensor<double, 4> x = tensor_of<double, 4>({2, 1, 1, 2}, {1, 0, 1, 0});
  Tensor<double, 4> rotated({2, 1, 1, 2});
  const Table each = table_of({1, 2}, {1.0F}, 2);
  apply_rope<double>(x.view(), each.cos.view(), each.sin.view(), rotated.view());
  expect_near(values_of(rotated), {std::cos(1.0), std::sin(1.0), std::cos(2.0), std::sin(2.0)}, 1e-15);
  const Table shared = table_of({3}, {1.0F});
  apply_rope<double>(x.view(), shared.cos.view(), shared.sin.view(), rotated.view());
  expect_near(values_of(rotated), {std::cos(3.0), std::sin(3.0), std::cos(3.0), std::sin(3.0)}, 1e-15);
}

TEST(ApplyRope, KeepsScoresThatDependOnTheDistanceOnly) {
  const Table table = table_of({3, 7, 10, 14}, {1.0F, 0.25F});
  const Tensor<double, 4> x = tensor_of<double, 4>({1, 1, 4, 4}, {1, 2, 3, 4, 4, -1, 2, 5, 1, 2, 3, 4, 4, -1, 2, 5});
  Tensor<double, 4> rotated({1, 1, 4, 4});
  apply_rope<double>(x.view(), table.cos.view(), table.sin.view(), rotated.view());
  const auto score = [&](std::size_t a, std::size_t b) {
    double sum = 0;
    for (std::size_t i = 0; i < 4; ++i) sum += rotated(0, 0, a, i) * rotated(0, 0, b, i);
    return sum;
  };
  EXPECT_NEAR(score(0, 1), score(2, 3), 1e-13);
}

}  // namespace
}  // namespace assay::reference
