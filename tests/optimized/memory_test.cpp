// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/memory.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

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

/// Sanitizers reserve more address space than any limit here leaves; then nothing is left.
TEST(AvailableBytes, AreWhatIsLeftOfTheAddressSpace) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  rlimit limited = before;
  const auto available_with = [&](std::size_t bytes) {
    limited.rlim_cur = bytes;
    EXPECT_EQ(setrlimit(RLIMIT_AS, &limited), 0);
    const std::size_t available = available_bytes();
    EXPECT_EQ(setrlimit(RLIMIT_AS, &before), 0);
    return available;
  };
  constexpr std::size_t limit = std::size_t{1} << 30;
  EXPECT_LT(available_with(limit), limit) << "some of it is in use";
  EXPECT_EQ(available_with(1 << 20), 0U) << "more than that is in use";
}

}  // namespace
}  // namespace assay::optimized
