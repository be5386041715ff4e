// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Copies of operands, so many that no cache holds their weights.
#include "bench/micro/rotation.hpp"

#include <gtest/gtest.h>

namespace assay::bench::micro {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

Case weights_of(std::size_t read, std::size_t held) {
  Case cold;
  cold.cold_bytes = read * mebibyte;
  cold.held_bytes = held * mebibyte;
  return cold;
}

TEST(RotationPlan, ReadsMoreThanFourCaches) {
  const RotationPlan plan = plan_rotation(weights_of(10, 10), 32 * mebibyte, 100'000 * mebibyte);
  EXPECT_EQ(plan.copies, 13U);
  EXPECT_FALSE(plan.capped);
}

TEST(RotationPlan, NeedsNoCopyOfWhatIsLargeItself) {
  EXPECT_EQ(plan_rotation(weights_of(200, 200), 32 * mebibyte, 100'000 * mebibyte).copies, 1U);
}

TEST(RotationPlan, TakesNoMoreThanHalfOfTheMemoryAndSaysSo) {
  const RotationPlan plan = plan_rotation(weights_of(10, 100), 32 * mebibyte, 1000 * mebibyte);
  EXPECT_EQ(plan.copies, 5U);
  EXPECT_TRUE(plan.capped);
  EXPECT_EQ(plan_rotation(weights_of(10, 100), 32 * mebibyte, 10 * mebibyte).copies, 1U);
}

TEST(Rotation, GoesRoundItsCopies) {
  class Counts final : public Operation {
   public:
    explicit Counts(std::size_t& calls) : calls_(calls) {}
    void call() override { ++calls_; }
    [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override { return {}; }

   private:
    std::size_t& calls_;
  };
  std::vector<std::size_t> calls(3);
  std::size_t made = 0;
  Case cold;
  cold.make = [&] { return std::make_unique<Counts>(calls[made++]); };
  Rotation rotation(cold, {.copies = 3});
  EXPECT_EQ(calls, (std::vector<std::size_t>{1, 1, 1})) << "to touch their memory";
  for (int i = 0; i < 7; ++i) rotation.call();
  EXPECT_EQ(calls, (std::vector<std::size_t>{4, 3, 3}));
}

}  // namespace
}  // namespace assay::bench::micro
