// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/workspace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace assay::optimized {
namespace {

struct Taken {
  float* first;
  double* inner;
  std::uint8_t* second;
};

/// As a block takes its memory: some for itself, some for what it calls, some of that again.
Taken take(Slices& memory) {
  Taken taken{};
  taken.first = memory.take<float>(17);
  const std::size_t mark = memory.mark();
  taken.inner = memory.take<double>(100);
  memory.release(mark);
  taken.second = memory.take<std::uint8_t>(1);
  return taken;
}

std::uintptr_t address(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

TEST(Slices, MeasureWhatTheyTake) {
  Slices nothing;
  (void)take(nothing);
  EXPECT_EQ(nothing.peak(), 128U + 832U) << "whole cache lines, those in use at once";
  Workspace workspace(Poison::no);
  Slices memory = workspace.begin(nothing.peak());
  (void)take(memory);
  EXPECT_EQ(memory.peak(), nothing.peak());
  EXPECT_EQ(workspace.bytes(), nothing.peak());
}

TEST(Slices, LieApartOnCacheLinesAndAreTakenAgainAfterRelease) {
  Workspace workspace(Poison::no);
  Slices memory = workspace.begin(4096);
  const Taken taken = take(memory);
  EXPECT_EQ(address(taken.first) % 64, 0U);
  EXPECT_EQ(address(taken.inner), address(taken.first) + 128);
  EXPECT_EQ(address(taken.second), address(taken.inner)) << "released";
  EXPECT_EQ(memory.mark(), 192U);
}

TEST(Workspace, GrowsAndNeverShrinks) {
  Workspace workspace(Poison::no);
  workspace.reserve(1000);
  EXPECT_EQ(workspace.bytes(), 1000U);
  Slices small = workspace.begin(10);
  EXPECT_EQ(workspace.bytes(), 1000U);
  float* const before = small.take<float>(1);
  Slices again = workspace.begin(1000);
  EXPECT_EQ(again.take<float>(1), before) << "the same memory serves call after call";
  (void)workspace.begin(5000);
  EXPECT_EQ(workspace.bytes(), 5000U);
}

TEST(Workspace, PoisonsWhatTheCallBeforeLeft) {
  for (const Poison poison : {Poison::no, Poison::yes}) {
    Workspace workspace(poison);
    std::fill_n(workspace.begin(256).take<std::uint8_t>(256), 256, std::uint8_t{7});
    const std::uint8_t* const bytes = workspace.begin(256).take<std::uint8_t>(256);
    const std::uint8_t expected = poison == Poison::yes ? 0xFF : 7;
    EXPECT_EQ(std::count(bytes, bytes + 256, expected), 256);
  }
}

}  // namespace
}  // namespace assay::optimized
