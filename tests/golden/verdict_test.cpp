// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/verdict.hpp"

#include <gtest/gtest.h>

#include "golden/judge/examination.hpp"
#include "golden/judge/result.hpp"

namespace assay::golden {
namespace {

using enum Verdict;

Verdict of_sites(std::initializer_list<Verdict> verdicts) {
  std::vector<SiteResult> sites;
  for (const Verdict verdict : verdicts) {
    sites.emplace_back();
    sites.back().verdict = verdict;
  }
  return verdict_of(sites);
}

Verdict of_cases(std::initializer_list<Verdict> verdicts) {
  Verification verification;
  for (const Verdict verdict : verdicts) {
    verification.results.emplace_back();
    verification.results.back().verdict = verdict;
  }
  return verdict_of(verification);
}

TEST(Verdict, HasTheExitCodesOfTheContract) {
  EXPECT_EQ(exit_code(pass), 0);
  EXPECT_EQ(exit_code(tie), 0);
  EXPECT_EQ(exit_code(fail), 1);
  EXPECT_EQ(exit_code(invalid), 2);
  EXPECT_EQ(exit_code(vacuous), 3);
  EXPECT_EQ(exit_code(missing), 3);
  EXPECT_EQ(exit_code(stale), 3);
}

TEST(Verdict, HasTheNamesOfTheContract) {
  EXPECT_EQ(name(pass), "PASS");
  EXPECT_EQ(name(tie), "TIE");
  EXPECT_EQ(name(fail), "FAIL");
  EXPECT_EQ(name(invalid), "INVALID");
  EXPECT_EQ(name(vacuous), "VACUOUS");
  EXPECT_EQ(name(missing), "MISSING");
  EXPECT_EQ(name(stale), "STALE");
}

TEST(Verdict, OfACaseIsTheWorstOfItsSites) {
  EXPECT_EQ(of_sites({pass, pass}), pass);
  EXPECT_EQ(of_sites({pass, tie, pass}), tie);
  EXPECT_EQ(of_sites({tie, missing, pass}), missing);
  EXPECT_EQ(of_sites({fail, missing, pass}), fail);
  EXPECT_EQ(of_sites({missing, fail}), fail);
}

TEST(Verdict, OfACaseIsVacuousOnlyWhereNoSiteProvesAnything) {
  EXPECT_EQ(of_sites({}), vacuous);
  EXPECT_EQ(of_sites({vacuous, vacuous}), vacuous);
  EXPECT_EQ(of_sites({vacuous, pass, vacuous}), pass);
  EXPECT_EQ(of_sites({vacuous, missing}), missing);
}

TEST(Verdict, OfARunIsTheWorstOfItsCasesAndVacuousWithoutAny) {
  EXPECT_EQ(of_cases({}), vacuous);
  EXPECT_EQ(of_cases({pass, tie}), tie);
  EXPECT_EQ(of_cases({pass, vacuous}), vacuous);  // a case that proves nothing is not to be overlooked
  EXPECT_EQ(of_cases({stale, pass}), stale);
  EXPECT_EQ(of_cases({fail, stale}), fail);
  EXPECT_EQ(of_cases({invalid, fail}), invalid);
}

}  // namespace
}  // namespace assay::golden
