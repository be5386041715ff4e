// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/memory.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/optimized/allocations.hpp"

namespace assay::optimized {
namespace {

TEST(Gibibytes, HaveTwoDigitsBehindThePoint) {
  EXPECT_EQ(gibibytes(0), "0.00 GiB");
  EXPECT_EQ(gibibytes(std::size_t{5} << 28), "1.25 GiB");
  EXPECT_EQ(gibibytes(std::size_t{1} << 50), "1048576.00 GiB");
}

TEST(AvailableBytes, AreSomeAndLessThanAMachineHas) {
  EXPECT_GT(available_bytes(), std::size_t{1} << 20);
  EXPECT_LT(available_bytes(), std::size_t{1} << 46);
}

TEST(AvailableBytes, AreWhatIsLeftOfTheAddressSpace) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  constexpr std::size_t left = std::size_t{256} << 20;
  rlimit limited = before;
  limited.rlim_cur = test::mapped_pages() * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + left;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &limited), 0);
  const std::size_t available = available_bytes();
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_LE(available, left);
  EXPECT_GT(available, left / 2);
}

}  // namespace
}  // namespace assay::optimized
