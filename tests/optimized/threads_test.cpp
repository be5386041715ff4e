// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace assay::optimized {
namespace {

TEST(PartOf, CoversEverythingOnceAndInOrder) {
  for (const std::size_t count : {0U, 1U, 2U, 7U, 64U, 1001U}) {
    for (const std::size_t parts : {1U, 2U, 3U, 7U, 100U}) {
      std::size_t next = 0;
      for (std::size_t index = 0; index < parts; ++index) {
        const Range range = part_of(count, parts, index);
        EXPECT_EQ(range.first, next);
        EXPECT_GE(range.count(), count / parts) << "as even as whole items allow";
        EXPECT_LE(range.count(), count / parts + 1);
        next = range.last;
      }
      EXPECT_EQ(next, count);
    }
  }
}

/// How often each part was run.
std::vector<int> runs_of(const Threads& threads) {
  std::vector<std::atomic<int>> times(threads.count());
  threads.run([&](std::size_t part) { ++times.at(part); });
  return {times.begin(), times.end()};
}

TEST(Threads, RunEachPartOnce) {
  for (const std::size_t count : {1U, 2U, 3U, 7U}) EXPECT_EQ(runs_of(Threads(count)), std::vector<int>(count, 1));
}

TEST(Threads, RunEachPartOnceWhereTheSystemGrantsFewer) {
  const int levels = omp_get_max_active_levels();
  omp_set_max_active_levels(0);
  std::atomic<int> largest_team = 0;
  Threads(5).run([&](std::size_t) { largest_team = std::max(largest_team.load(), omp_get_num_threads()); });
  const std::vector<int> runs = runs_of(Threads(5));
  omp_set_max_active_levels(levels);
  EXPECT_EQ(largest_team, 1);
  EXPECT_EQ(runs, std::vector<int>(5, 1));
}

/// How often each item was worked on, and by how many calls.
struct Split {
  std::vector<int> times;
  int calls = 0;
};

Split split(std::size_t threads, std::size_t count, std::size_t worthwhile) {
  std::vector<std::atomic<int>> times(count);
  std::atomic<int> calls = 0;
  Threads(threads).split(count, worthwhile, [&](Range range) {
    EXPECT_GT(range.count(), 0U);
    ++calls;
    for (std::size_t i = range.first; i < range.last; ++i) ++times.at(i);
  });
  return {{times.begin(), times.end()}, calls};
}

TEST(Threads, SplitEachItemIntoOnePart) {
  for (const std::size_t threads : {1U, 2U, 3U, 7U}) {
    for (const std::size_t count : {1U, 2U, 5U, 100U}) {
      EXPECT_EQ(split(threads, count, 1).times, std::vector<int>(count, 1)) << count << " on " << threads;
    }
  }
}

TEST(Threads, SplitNothingIntoNothing) { EXPECT_EQ(split(3, 0, 1).calls, 0); }

TEST(Threads, SplitWhatIsNotWorthwhileNotAtAll) {
  EXPECT_EQ(split(3, 99, 100).calls, 1);
  EXPECT_EQ(split(3, 100, 100).calls, 3);
  EXPECT_EQ(split(7, 3, 1).calls, 3) << "a part without items is not worked on";
}

}  // namespace
}  // namespace assay::optimized
