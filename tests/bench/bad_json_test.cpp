// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Files that are no results: each complaint is one line that names file, benchmark and key.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/result/json.hpp"
#include "tests/bench/google_output.hpp"
#include "tests/bench/results.hpp"
#include "tests/support/error_of.hpp"

namespace assay::bench {
namespace {

using test::full_result;
using test::google_output;
using test::row_of;

std::string complaint(const std::string& text) {
  std::string error = test::error_of([&] { (void)parse_result(text, "r.json"); });
  EXPECT_EQ(error.find('\n'), std::string::npos);
  return error;
}

/// `text` with the first `before` behind `from` replaced.
std::string with(std::string text, std::string_view before, std::string_view after, std::string_view from = "{") {
  const std::size_t at = text.find(before, text.find(from));
  EXPECT_NE(at, std::string::npos) << before;
  return text.replace(at, before.size(), after);
}

/// A file of one row with two samples.
std::string small() {
  Result result;
  result.rows = {row_of("a", {0.002, 0.004})};
  return to_json(result);
}

/// An entry of Google Benchmark with other members.
std::string google_entry(const std::string& members) {
  return fmt::format(R"({{"context": {{}}, "benchmarks": [{{"name": "a", "run_type": "iteration", {}}}]}})", members);
}

TEST(BadBenchJson, AnEmptyFileIsSaidToBeEmpty) {
  EXPECT_EQ(complaint(""), "r.json: expected the JSON of a benchmark, found an empty file");
  EXPECT_EQ(complaint(" \n"), complaint(""));
}

TEST(BadBenchJson, ATruncatedFileIsRefusedWhereverItEnds) {
  const std::string text = small();
  for (std::size_t length = 1; length + 2 < text.size(); length += 7) {
    EXPECT_NE(complaint(text.substr(0, length)).find("r.json: line "), std::string::npos);
  }
}

TEST(BadBenchJson, TextBehindTheResultIsRefused) {
  EXPECT_NE(complaint(small() + small()).find("not valid JSON: extra data"), std::string::npos);
}

TEST(BadBenchJson, AKeyMayNotStandTwice) {
  EXPECT_NE(complaint(with(small(), "\"cpu_time\"", "\"real_time\"")).find("the key \"real_time\" twice"),
            std::string::npos);
}

TEST(BadBenchJson, AnotherSchemaIsNamed) {
  EXPECT_EQ(complaint(with(small(), "assay.bench/1", "assay.bench/2")),
            "r.json: assay: schema: expected \"assay.bench/1\", found \"assay.bench/2\"");
  EXPECT_EQ(complaint(R"({"schema": "assay.verify/1", "verdict": "PASS", "results": []})"),
            "r.json: schema: expected none at the top, as in the result of a benchmark, found \"assay.verify/1\"");
}

TEST(BadBenchJson, OtherJsonIsNotTakenForAResult) {
  EXPECT_EQ(complaint("[1, 2]"), "r.json: expected an object, found a list of 2");
  EXPECT_EQ(complaint("{}"), "r.json: context: expected an object, found none");
  EXPECT_EQ(complaint(R"({"context": {}})"), "r.json: benchmarks: expected a list, found none");
}

TEST(BadBenchJson, AFileWithoutBenchmarksIsRefused) {
  EXPECT_EQ(complaint(R"({"context": {}, "benchmarks": []})"), "r.json: benchmarks: expected at least one, found none");
}

TEST(BadBenchJson, ARowWithOnlyAggregatesHasNoSamples) {
  const std::string text(google_output);
  const std::size_t first = text.find("    {\n      \"name\"");
  const std::size_t mean = text.rfind("    {", text.find("_mean"));
  EXPECT_EQ(complaint(text.substr(0, first) + text.substr(mean)),
            "r.json: benchmark \"rms_norm<float>/32/1024\": expected samples, found only aggregates of them");
}

TEST(BadBenchJson, ALostSampleIsMissed) {
  const std::string text(google_output);
  const std::size_t first = text.find("    {\n      \"name\"");
  const std::size_t second = text.find("    {\n      \"name\"", first + 1);
  EXPECT_EQ(complaint(text.substr(0, first) + text.substr(second)),
            "r.json: benchmark \"rms_norm<float>/32/1024\": repetition_index: expected 0, found 1");
  EXPECT_EQ(complaint(google_entry(R"("repetitions": 2, "iterations": 1, "real_time": 1, "cpu_time": 1,
                                      "time_unit": "s")")),
            "r.json: benchmark \"a\": expected 2 samples, as its repetitions say, found 1");
}

TEST(BadBenchJson, TimesAreFiniteAndAboveZero) {
  for (const auto& [time, found] : {std::pair{"-5.0", "-5"}, {"0", "0"}, {"NaN", "nan"}, {"1e999", "inf"}}) {
    EXPECT_EQ(complaint(with(small(), "2000000.0", time)),
              fmt::format("r.json: benchmark \"a\": real_time: expected a finite time above 0, found {}", found));
  }
  EXPECT_EQ(complaint(with(small(), "2000000.0", "-1.0", "cpu_time")),
            "r.json: benchmark \"a\": cpu_time: expected a finite number of at least 0, found -1");
  EXPECT_EQ(complaint(with(small(), "2000000.0", "\"2 ms\"")),
            "r.json: benchmark \"a\": real_time: expected a number, found \"2 ms\"");
  EXPECT_EQ(complaint(with(small(), "2000000.0", "null")),
            "r.json: benchmark \"a\": real_time: expected a number, found null");
}

TEST(BadBenchJson, SamplesWithoutIterationsAreRefused) {
  EXPECT_EQ(complaint(with(small(), "\"iterations\": 1", "\"iterations\": 0")),
            "r.json: benchmark \"a\": iterations: expected at least 1, found 0");
}

TEST(BadBenchJson, AnUnknownUnitOrTypeIsRefused) {
  EXPECT_EQ(complaint(with(small(), "\"ns\"", "\"h\"")),
            "r.json: benchmark \"a\": time_unit: expected ns|us|ms|s, found \"h\"");
  EXPECT_EQ(complaint(with(small(), "\"iteration\"", "\"warm-up\"")),
            "r.json: benchmark \"a\": run_type: expected iteration|aggregate, found \"warm-up\"");
}

TEST(BadBenchJson, TwoBenchmarksOfOneNameAreRefused) {
  const std::string entry =
      R"({"name": "a", "run_type": "iteration", "family_index": FAMILY, "per_family_instance_index": 0,
          "iterations": 1, "real_time": 1, "cpu_time": 1, "time_unit": "s"})";
  EXPECT_EQ(complaint(R"({"context": {}, "benchmarks": [)" + with(entry, "FAMILY", "0") + "," +
                      with(entry, "FAMILY", "1") + "]}"),
            "r.json: benchmark \"a\": expected one benchmark of that name, found two");
}

TEST(BadBenchJson, ExactSecondsMustBeThoseOfTheEntries) {
  EXPECT_EQ(complaint(with(small(), "0.004", "0.005", "\"assay\"")),
            "r.json: benchmark \"a\": assay: real_seconds, cpu_seconds: expected the times of repetition_index 1 in "
            "benchmarks, found others");
  EXPECT_EQ(complaint(with(small(), "0.004", "-1", "\"assay\"")),
            "r.json: benchmark \"a\": assay: real_seconds[1]: expected a finite number of at least 0, found -1");
}

TEST(BadBenchJson, RowsOfBothPartsAreTheSame) {
  EXPECT_EQ(complaint(with(small(), "\"a\"", "\"b\"", "\"assay\"")),
            "r.json: benchmark \"b\": expected its samples in benchmarks, found none");
  EXPECT_NE(complaint(with(small(), "0.004", "0.004, 1", "\"assay\""))
                .find("benchmark \"a\": assay: real_seconds: expected a list of 2, found a list of 3"),
            std::string::npos);
}

TEST(BadBenchJson, AControlHasASampleForEachSample) {
  Result result = full_result();
  result.rows[0].control.pop_back();
  EXPECT_EQ(complaint(to_json(result)),
            "r.json: benchmark \"prefill/tokens:512\": assay: control: expected 3 samples, as the row has, found 2");
}

TEST(BadBenchJson, AnUnknownKeyOfOursIsRefused) {
  EXPECT_EQ(complaint(with(small(), "\"pairing\"", "\"paring\"")),
            "r.json: assay: paring: expected a known key, found none of that name; nearest: pairing");
  EXPECT_EQ(complaint(with(small(), "\"steal_seconds\": 0.0", "\"steal_seconds\": -1")),
            "r.json: assay: noise: steal_seconds: expected a finite number of at least 0, found -1");
}

TEST(BadBenchJson, IsNeverWritten) {
  Result result;
  result.rows = {row_of("a", {1}), row_of("a", {1})};
  EXPECT_EQ(test::error_of([&] { (void)to_json(result); }), "benchmark \"a\": expected one of that name, found two");
  result.rows = {row_of("a", {})};
  EXPECT_EQ(test::error_of([&] { (void)to_json(result); }), "benchmark \"a\": expected samples, found none");
  result.rows = {row_of("a", {1})};
  result.rows[0].counters["iterations"] = 3;
  EXPECT_NE(test::error_of([&] { (void)to_json(result); }).find("another name of a counter than iterations"),
            std::string::npos);
}

}  // namespace
}  // namespace assay::bench
