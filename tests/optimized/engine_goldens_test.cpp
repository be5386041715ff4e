// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The optimized engine against every committed golden.
#include <gtest/gtest.h>

#include <algorithm>

#include "model/error.hpp"
#include "optimized/engine.hpp"
#include "tests/optimized/every_target.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::CaseResult;
using golden::GoldenFile;
using golden::Mode;
using golden::Verdict;
using optimized::EngineOptions;
using optimized::WeightStorage;

class OptimizedEngineOnGolden : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] std::unique_ptr<Engine> engine(const EngineOptions& options) const {
    return optimized::make_engine(golden_.config(), weights_, options);
  }

  void expect_right(const EngineOptions& options) const {
    for (const Mode mode : {Mode::free, Mode::injected}) {
      const std::unique_ptr<Engine> used = engine(options);
      const CaseResult result = judged(golden_, *used, mode);
      SCOPED_TRACE(testing::Message() << options.threads << " threads, " << name(options.weights) << ", "
                                      << name(mode));
      EXPECT_TRUE(result.verdict == Verdict::pass || result.verdict == Verdict::tie) << divergence_of(result);
      EXPECT_EQ(sites_of(result, Verdict::fail), std::vector<std::string>{});
      EXPECT_EQ(sites_of(result, Verdict::missing), std::vector<std::string>{});
      EXPECT_EQ(result.sites.size(), judged_sites(*used)) << "every recorded site that the engine shows";
    }
  }

  [[nodiscard]] std::size_t judged_sites(const Engine& engine) const {
    std::size_t sites = 0;
    for (const golden::RecordedCall& call : golden_.calls()) {
      sites += static_cast<std::size_t>(std::ranges::count_if(call.sites, [&](const PlannedSite& site) {
        return golden_.records(site.point.site) && engine.provides(site.point.site);
      }));
    }
    return sites;
  }

  /// Whether bfloat16 holds every weight of a matrix.
  [[nodiscard]] bool is_exact_in_bf16() const {
    for (const auto& [name, tensor] : embedded_.tensors()) {
      if (tensor.shape.size() >= 2 && !name.ends_with("conv1d.weight") && tensor.dtype != DType::bf16) return false;
    }
    return true;
  }

  GoldenFile golden_{committed_golden(GetParam())};
  golden::EmbeddedWeights embedded_{golden_};
  Weights weights_ = resolve_weights(golden_.config(), embedded_);
};

INSTANTIATE_TEST_SUITE_P(Of, OptimizedEngineOnGolden, testing::ValuesIn(committed_cases()),
                         [](const auto& of_case) { return of_case.param; });

TEST_P(OptimizedEngineOnGolden, IsRightOnAnyNumberOfThreadsAndInBothModes) {
  for (const std::size_t threads : {1U, 2U, 3U}) expect_right({.threads = threads});
}

TEST_P(OptimizedEngineOnGolden, IsRightWithBfloat16WeightsOrRefusesToRoundThem) {
  const EngineOptions options{.threads = 2, .weights = WeightStorage::bf16};
  if (is_exact_in_bf16()) {
    expect_right(options);
    return;
  }
  const std::string error = error_of([&] { (void)engine(options); });
  EXPECT_NE(error.find(": expected weights that bfloat16 holds exactly, found "), std::string::npos) << error;
}

/// Where a golden is exact the judge allows no bit: whatever the instruction set adds first, and fuses.
TEST(OptimizedEngine, HasTheVeryNumbersOfExactGoldensOnEveryInstructionSet) {
  for (const char* architecture : {"granitemoe", "granitemoeshared", "granitemoehybrid", "phimoe"}) {
    const GoldenFile golden(committed_golden(std::string(architecture) + "_exact"));
    const golden::EmbeddedWeights embedded(golden);
    const Weights weights = resolve_weights(golden.config(), embedded);
    on_every_target([&] {
      const std::unique_ptr<Engine> engine = optimized::make_engine(golden.config(), weights, {});
      const CaseResult result = judged(golden, *engine);
      EXPECT_EQ(result.verdict, Verdict::pass) << architecture << ": " << divergence_of(result);
    });
  }
}

}  // namespace
}  // namespace assay::test
