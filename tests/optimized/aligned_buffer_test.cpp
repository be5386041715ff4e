// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/aligned_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "tests/support/error_of.hpp"

namespace assay::optimized {
namespace {

TEST(AlignedBuffer, BeginsOnACacheLineAndIsZero) {
  for (const std::size_t bytes : {1U, 100U, 4096U, 5U << 20U}) {
    const AlignedBuffer buffer(bytes);
    ASSERT_EQ(buffer.bytes().size(), bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.as<float>()) % 64, 0U);
    EXPECT_EQ(std::ranges::count(buffer.bytes(), std::byte{0}), static_cast<std::ptrdiff_t>(bytes));
  }
}

TEST(AlignedBuffer, OfNothingIsEmpty) {
  EXPECT_TRUE(AlignedBuffer().bytes().empty());
  EXPECT_TRUE(AlignedBuffer(0).bytes().empty());
}

TEST(AlignedBuffer, CanBeReadOneRowBeyondItsEnd) {
  // The widest panel of any of BLIS's microkernels has 64 floats.
  const AlignedBuffer buffer(4096);
  const volatile float* const end = buffer.as<float>() + 1024;
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(end[i], 0.0F);
}

TEST(AlignedBuffer, MovesItsMemory) {
  AlignedBuffer from(100);
  std::byte* const memory = from.bytes().data();
  memory[99] = std::byte{5};
  AlignedBuffer to(std::move(from));
  EXPECT_EQ(to.bytes().data(), memory);
  AlignedBuffer assigned(7);
  assigned = std::move(to);
  EXPECT_EQ(assigned.bytes().data(), memory);
  EXPECT_EQ(assigned.bytes()[99], std::byte{5});
  EXPECT_EQ(assigned.bytes().size(), 100U);
}

TEST(AlignedBuffer, SaysWhatTheSystemDoesNotGive) {
  EXPECT_EQ(test::error_of([] { const AlignedBuffer buffer(std::size_t{1} << 60); }),
            "memory: expected 1073741824.00 GiB in one piece, the system gives less");
}

}  // namespace
}  // namespace assay::optimized
