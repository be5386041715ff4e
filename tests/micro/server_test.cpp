// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the driver answers, line by line. No time is looked at.
#include "bench/micro/driver/server.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "bench/micro/driver/cases.hpp"

namespace assay::bench::micro {
namespace {

const std::string name = "reference/router/granite-3.0-1b-a400m/tokens:8";

std::vector<std::string> answers(const std::string& requests) {
  std::istringstream in(requests);
  std::ostringstream out;
  serve(all_cases(), in, out);
  std::istringstream text(out.str());
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

TEST(DriverServer, PreparesSamplesAndReleasesACase) {
  const auto lines =
      answers("prepare " + name + "\nsample " + name + "\ndigest " + name + "\nrelease " + name + "\nquit\n");
  ASSERT_EQ(lines.size(), 5U);
  std::smatch prepared;
  ASSERT_TRUE(std::regex_match(lines[0], prepared, std::regex("ok ([1-9][0-9]*)"))) << lines[0];
  const std::string positive = "[0-9]+\\.[0-9]{3}";
  EXPECT_TRUE(std::regex_match(lines[1], std::regex("ok " + positive + " " + positive + " " + prepared[1].str())))
      << lines[1];
  EXPECT_TRUE(std::regex_match(lines[2], std::regex("ok [0-9a-f]{16}"))) << lines[2];
  EXPECT_EQ(lines[3], "ok");
  EXPECT_EQ(lines[4], "ok");
}

TEST(DriverServer, ComputesTheSameHoweverOftenItIsAsked) {
  const auto lines = answers("prepare " + name + "\ndigest " + name + "\nsample " + name + "\ndigest " + name +
                             "\nprepare " + name + "\ndigest " + name + "\n");
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[1], lines[3]);
  EXPECT_EQ(lines[1], lines[5]);
}

TEST(DriverServer, TakesAFactorOfOneOrMore) {
  const std::string slow = "slow " + name + " ";
  const auto lines = answers("prepare " + name + "\n" + slow + "1.5\nsample " + name + "\n" + slow + "0.9\n" + slow +
                             "nan\n" + slow + "2x\n" + slow + "inf\n");
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[1], "ok");
  EXPECT_TRUE(lines[2].starts_with("ok ")) << lines[2];
  EXPECT_EQ(lines[3], "error slow: expected a factor of 1 or more, found '0.9'");
  EXPECT_EQ(lines[4], "error slow: expected a factor of 1 or more, found 'nan'");
  EXPECT_EQ(lines[5], "error slow: expected a factor of 1 or more, found '2x'");
  EXPECT_EQ(lines[6], "error slow: expected a factor of 1 or more, found 'inf'");
}

TEST(DriverServer, WantsACaseThatIsPrepared) {
  const std::string expected = ": expected a case that is prepared, found " + name;
  const auto lines = answers("sample " + name + "\ndigest " + name + "\nslow " + name + " 2\nrelease " + name + "\n");
  EXPECT_EQ(lines, (std::vector<std::string>{"error sample" + expected, "error digest" + expected,
                                             "error slow" + expected, "error release" + expected}));
}

TEST(DriverServer, ASampleHasAsManyCallsAsItIsToldTo) {
  const auto lines = answers("prepare " + name + " 3\nsample " + name + "\nprepare " + name + " 0\n");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "ok 3");
  EXPECT_TRUE(lines[1].ends_with(" 3")) << lines[1];
  EXPECT_EQ(lines[2], "error prepare: expected 1 to 1000000000 calls of a sample, found '0'");
}

TEST(DriverServer, AnswersWhatItDoesNotUnderstand) {
  const auto lines = answers("jump " + name + "\n\nprepare\nprepare a b\nprepare a 1 2\nslow " + name +
                             "\nprepare nothing\nquit now\n");
  EXPECT_EQ(lines, (std::vector<std::string>{
                       "error expected prepare, sample, digest, slow, release or quit, found 'jump'",
                       "error expected a command, found an empty line",
                       "error prepare: expected a name after it, found ''",
                       "error prepare: expected 1 to 1000000000 calls of a sample, found 'b'",
                       "error prepare: expected a name after it, found 'a 1 2'",
                       "error slow: expected a name and a factor after it, found '" + name + "'",
                       "error expected the name of a case (--list has them), found 'nothing'",
                       "error expected prepare, sample, digest, slow, release or quit, found 'quit'",
                   }));
}

TEST(DriverServer, EndsWhenItIsToldTo) {
  EXPECT_EQ(answers("quit\nsample x\n"), std::vector<std::string>{"ok"});
  EXPECT_TRUE(answers("").empty());
}

}  // namespace
}  // namespace assay::bench::micro
