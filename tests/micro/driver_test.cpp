// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The programs, run as children.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "bench/micro/driver/cases.hpp"
#include "tests/support/child_process.hpp"

namespace assay::bench::micro {
namespace {

test::ChildResult driver(const std::vector<std::string>& arguments) {
  return test::run_program(ASSAY_MICRO_DRIVER, arguments);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void expect_refusal(const std::vector<std::string>& arguments, const std::string& message) {
  const test::ChildResult result = driver(arguments);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "error: " + message + "\n");
}

TEST(MicroDriver, ListsItsCases) {
  const test::ChildResult all = driver({"--list"});
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_EQ(lines_of(all.out).size(), all_cases().cases().size());
  const test::ChildResult regress = driver({"--list", "--set", "regress"});
  EXPECT_EQ(regress.exit_code, 0) << regress.err;
  const std::vector<std::string> lines = lines_of(regress.out);
  EXPECT_EQ(lines.size(), std::size_t{ASSAY_REGRESS_CASES});
  for (const std::string& line : lines) {
    EXPECT_TRUE(std::regex_match(line, std::regex("[^\t ]+\t[1-9][0-9]*\t[1-9][0-9]*"))) << line;
  }
}

TEST(MicroDriver, CallsOneCase) {
  const test::ChildResult result = driver({"--once", "reference/router/granite-3.0-1b-a400m/tokens:8", "--calls", "2"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST(MicroDriver, EndsWithItsInput) {
  const test::ChildResult result = driver({"--serve"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST(MicroDriver, SaysHowItIsUsed) {
  const test::ChildResult result = driver({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.out.starts_with("usage: micro_driver --list"));
  for (const std::string& line : lines_of(result.out)) EXPECT_LE(line.size(), 80U) << line;
}

TEST(MicroDriver, RefusesWhatItDoesNotKnow) {
  expect_refusal({}, "expected --list, --types, --serve or --once, found nothing");
  expect_refusal({"--fast"}, "expected --list, --types, --serve or --once, found '--fast'");
  expect_refusal({"--list", "--serve"}, "expected one of --list, --types, --serve and --once, found two");
  expect_refusal({"--list", "--set", "small"}, "--set: expected all or regress, found 'small'");
  expect_refusal({"--serve", "--set", "regress"}, "--set: expected --list or --types with it");
  expect_refusal({"--list", "--calls", "2"}, "--calls: expected --once with it");
  expect_refusal({"--once"}, "--once: expected a value after it, found none");
  expect_refusal({"--once", "x", "--calls", "0"}, "--calls: expected 1 to 1000000000, found '0'");
  expect_refusal({"--once", "nothing"}, "expected the name of a case (--list has them), found 'nothing'");
}

/// Not in a build without Google Benchmark.
class MicroBenchmarks : public testing::Test {
 protected:
  void SetUp() override {
    if (program.empty()) GTEST_SKIP() << "built without Google Benchmark";
  }

  const std::string program = ASSAY_MICRO_REFERENCE;
};

TEST_F(MicroBenchmarks, AreListedWithoutRunning) {
  const test::ChildResult result = test::run_program(program, {"--benchmark_list_tests"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::vector<std::string> lines = lines_of(result.out);
  const Registry registry = all_cases();
  for (const Case& known : registry.cases()) {
    if (!known.name.starts_with("reference/")) continue;
    EXPECT_NE(std::ranges::find(lines, known.name + "/real_time"), lines.end()) << known.name;
  }
}

TEST_F(MicroBenchmarks, ReportWhatACallCostsAndAllocates) {
  const test::ChildResult result = test::run_program(
      program, {"--benchmark_filter=reference/rms_norm", "--benchmark_format=json", "--benchmark_min_time=0.001"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* key : {"\"FLOP/s\": ", "\"bytes/s\": ", "\"allocs_per_iter\": ", "\"max_bytes_used\": "}) {
    EXPECT_NE(result.out.find(key), std::string::npos) << key << " in\n" << result.out;
  }
}

TEST_F(MicroBenchmarks, RefuseNamesAndOptionsThatTheyDoNotKnow) {
  EXPECT_EQ(test::run_program(program, {"--benchmark_filter=nothing_of_this", "--benchmark_list_tests"}).exit_code, 2);
  EXPECT_EQ(test::run_program(program, {"--fast"}).exit_code, 2);
}

}  // namespace
}  // namespace assay::bench::micro
