// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The judge against engines with one thing wrong: what changes a logit must turn red, and at the site of the fault. The
// same way of running with nothing wrong must be green, or the red would prove nothing.
#include "selftest/mutants/mutants.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "golden/judge/verdict.hpp"
#include "selftest/markdown.hpp"
#include "selftest/trials.hpp"
#include "selftest/words.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using selftest::all_mutants;
using selftest::BrokenModel;
using selftest::KillMatrix;
using selftest::Mutant;
using selftest::Place;
using selftest::Trial;
using selftest::Trials;

/// What is healthy is run once for all mutants of a golden.
Trials& trials() {
  static Trials of_committed_goldens(ASSAY_GOLDEN_DATA);
  return of_committed_goldens;
}

/// Of a mutant, once.
const Trial& trial_of(const Mutant& mutant, Precision precision) {
  static std::map<std::pair<std::string, Precision>, Trial> known;
  const auto found = known.find({mutant.name, precision});
  if (found != known.end()) return found->second;
  return known.emplace(std::pair(mutant.name, precision), trials().run(mutant, precision)).first->second;
}

class OfMutants : public testing::TestWithParam<Mutant> {};

TEST_P(OfMutants, IsKilledAtItsSiteWhereItMatters) {
  const Mutant& mutant = GetParam();
  for (const Precision precision : {Precision::f32, Precision::f64}) {
    const Trial& trial = trial_of(mutant, precision);
    SCOPED_TRACE(testing::Message() << name(precision) << ": logits change by " << trial.logit_change
                                    << " times the noise, first divergence " << trial.first_divergence);
    // Survivors are those that say why.
    EXPECT_EQ(trial.killed, precision == Precision::f64 || mutant.reason.empty());
    EXPECT_TRUE(trial.killed || !trial.required());
    if (!trial.killed) continue;
    EXPECT_TRUE(trial.place == Place::right || trial.place == Place::right_injected);
    EXPECT_FALSE(trial.seen_by.empty()) << "something must have seen it";
  }
}

std::string test_name(const testing::TestParamInfo<Mutant>& of_mutant) {
  std::string name = of_mutant.param.name;
  std::ranges::replace_if(
      name, [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, OfMutants, testing::ValuesIn(all_mutants()), test_name);

TEST(Mutants, AreAtLeastSixtyOfAllArchitecturesEachWithANameOfItsOwn) {
  std::set<std::string> names;
  std::map<std::string, std::size_t> of_architecture;
  const std::regex kebab("[a-z0-9.]+(-[a-z0-9.]+)*");
  for (const Mutant& mutant : all_mutants()) {
    EXPECT_TRUE(names.insert(mutant.name).second) << mutant.name;
    EXPECT_TRUE(std::regex_match(mutant.name, kebab)) << mutant.name;
    EXPECT_LE(mutant.name.size(), 33U) << mutant.name;
    EXPECT_FALSE(mutant.wrong.empty()) << mutant.name;
    ++of_architecture[mutant.golden.substr(0, mutant.golden.find('_'))];
  }
  EXPECT_GE(names.size(), 60U);
  EXPECT_EQ(of_architecture.size(), 4U);
  for (const auto& [architecture, count] : of_architecture) EXPECT_GE(count, 10U) << architecture;
}

TEST(Mutants, TouchEveryTrapThatAnEngineCanFallInto) {
  std::set<int> traps;
  for (const Mutant& mutant : all_mutants()) traps.insert(mutant.trap);
  std::vector<int> untouched;
  for (int trap = 1; trap <= 38; ++trap) {
    if (!traps.contains(trap)) untouched.push_back(trap);
  }
  // 37, tokens compared whose router gap is below the noise, is one of a judge: examined_routing_test has it.
  EXPECT_EQ(untouched, std::vector<int>{37});
}

TEST(Mutants, NameASiteThatTheirGoldenHasOrThatTheyAdd) {
  for (const Mutant& mutant : all_mutants()) {
    const GoldenFile golden(committed_golden(mutant.golden));
    ASSERT_LT(mutant.site.call.value, golden.calls().size()) << mutant.name;
    const auto& sites = golden.calls()[mutant.site.call.value].sites;
    const bool planned = std::ranges::any_of(sites, [&](const auto& site) { return site.point == mutant.site.point; });
    EXPECT_TRUE(planned || mutant.name == "rope-though-nope") << mutant.name;
  }
}

TEST(Mutants, AreFoundByAShellPattern) {
  EXPECT_EQ(selftest::mutants_like("rope-off-by-*").size(), 1U);
  EXPECT_EQ(selftest::mutants_like("*").size(), all_mutants().size());
  EXPECT_EQ(error_of([] { (void)selftest::mutants_like("no-such"); }),
            "expected a mutant whose name matches \"no-such\", found none (assay selftest --list)");
}

TEST(KillMatrixPage, SaysOfEveryMutantWhatARunSays) {
  KillMatrix matrix;
  for (const Mutant& mutant : all_mutants()) {
    matrix.results.push_back({mutant, {trial_of(mutant, Precision::f32), trial_of(mutant, Precision::f64)}});
  }
  matrix.controls = trials().controls();
  EXPECT_TRUE(holds(matrix)) << fmt::format("{}", fmt::join(problem_lines(matrix), "\n"));
  std::ifstream file(ASSAY_GOLDEN_DATA "/../../docs/kill-matrix.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const auto written = selftest::rows_of_page(page);
  const auto run = selftest::rows_of_page(selftest::markdown(matrix));
  ASSERT_EQ(written.size(), run.size()) << "assay selftest --markdown docs/kill-matrix.md";
  for (std::size_t i = 0; i < run.size(); ++i) {
    EXPECT_EQ(written[i], run[i]) << run[i].mutant << ": assay selftest --markdown docs/kill-matrix.md";
  }
  for (const std::string& line : survivor_lines(matrix)) {
    EXPECT_NE(page.find("- " + line + "\n"), std::string::npos) << line;
  }
}

class UnbrokenModel : public testing::TestWithParam<std::string> {};

TEST_P(UnbrokenModel, IsGreenInEveryModeAndPrecision) {
  const GoldenFile golden(committed_golden(GetParam()));
  const BrokenModel model(golden);
  for (const Precision precision : {Precision::f64, Precision::f32}) {
    for (const golden::Mode mode : {golden::Mode::free, golden::Mode::injected}) {
      const golden::CaseResult result = model.judged(precision, mode);
      EXPECT_EQ(golden::exit_code(result.verdict), 0)
          << name(precision) << " " << name(mode) << ": " << divergence_of(result);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, UnbrokenModel, testing::ValuesIn(committed_cases()),
                         [](const auto& of_case) { return of_case.param; });

}  // namespace
}  // namespace assay::test
