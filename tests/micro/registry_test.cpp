// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Names are a contract between commits, and a case that computes nothing would be fast.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>

#include "bench/micro/case.hpp"
#include "bench/micro/driver/cases.hpp"
#include "bench/micro/values.hpp"
#include "tests/support/error_of.hpp"

namespace assay::bench::micro {
namespace {

TEST(MicroCases, AreNamedByEngineOpShapeAndParameters) {
  const Registry registry = all_cases();
  const std::regex form("(optimized|reference)/[a-z0-9_]+/[A-Za-z0-9._-]+(/[a-z]+:[a-z0-9]+)+");
  std::set<std::string> names;
  for (const Case& known : registry.cases()) {
    EXPECT_TRUE(std::regex_match(known.name, form)) << known.name;
    EXPECT_TRUE(names.insert(known.name).second) << known.name;
    const bool is_optimized = known.name.starts_with("optimized/");
    EXPECT_EQ(known.name.find("/threads:") != std::string::npos, is_optimized) << known.name;
  }
}

TEST(MicroCases, SayWhatACallCosts) {
  const Registry registry = all_cases();
  for (const Case& known : registry.cases()) {
    EXPECT_GT(known.cost.flops, 0) << known.name;
    EXPECT_GT(known.cost.bytes, 0) << known.name;
    EXPECT_LE(known.cold_bytes, known.held_bytes) << known.name;
  }
}

TEST(MicroRegistry, TakesANameOnce) {
  Registry registry;
  registry.add({.name = "a/b/c/d:1", .cost = {}, .make = {}});
  EXPECT_THROW(registry.add({.name = "a/b/c/d:1", .cost = {}, .make = {}}), std::logic_error);
}

TEST(MicroRegistry, NamesTheNearestToOneItDoesNotHave) {
  const Registry registry = all_cases();
  EXPECT_EQ(test::error_of([&] { static_cast<void>(registry.at("reference/ruoter/granite-3.0-1b-a400m/tokens:8")); }),
            "expected the name of a case (--list has them), found 'reference/ruoter/granite-3.0-1b-a400m/tokens:8'; "
            "nearest: reference/router/granite-3.0-1b-a400m/tokens:8");
}

TEST(RegressSet, HasAllItsCasesWithOneThread) {
  const Registry registry = all_cases();
  const std::vector<const Case*> cases = regress_set(registry);
  EXPECT_EQ(cases.size(), std::size_t{ASSAY_REGRESS_CASES});
  for (const Case* known : cases) EXPECT_EQ(known->threads, 1U) << known->name;
}

TEST(RegressSet, ComputesSomethingAndTheSameEveryTime) {
  const Registry registry = all_cases();
  for (const Case* known : regress_set(registry)) {
    const std::unique_ptr<Operation> operation = known->make();
    const std::uint64_t first = digest(*operation);
    for (const std::span<const std::byte> output : operation->outputs()) {
      EXPECT_TRUE(std::ranges::any_of(output, [](std::byte byte) { return byte != std::byte{0}; })) << known->name;
    }
    operation->call();
    EXPECT_EQ(digest(*operation), first) << known->name << " after another call";
    EXPECT_EQ(digest(*known->make()), first) << known->name << " built anew";
  }
}

TEST(Digest, IsFnv1aOfTheOutputs) {
  class Writes final : public Operation {
   public:
    void call() override { text_ = "foobar"; }
    [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override {
      const auto bytes = std::as_bytes(std::span(text_));
      return {bytes.first(3), bytes.subspan(3)};
    }

   private:
    std::string text_;
  } writes;
  EXPECT_EQ(digest(writes), 0x85944171F73967E8U);
}

TEST(MadeUpExperts, AreDifferentForAToken) {
  const std::vector<std::int64_t> chosen = random_experts(50, 8, 9, 1);
  ASSERT_EQ(chosen.size(), 400U);
  for (std::size_t token = 0; token < 50; ++token) {
    EXPECT_EQ(busy_experts(std::span(chosen).subspan(8 * token, 8)), 8U);
  }
  EXPECT_EQ(busy_experts(chosen), 9U);
}

}  // namespace
}  // namespace assay::bench::micro
