// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/json.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <limits>

#include "model/files/json.hpp"
#include "tests/bench/google_output.hpp"
#include "tests/bench/results.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/temporary_folder.hpp"

namespace assay::bench {
namespace {

namespace json = boost::json;

using test::full_result;
using test::google_output;
using test::row_of;

Result round_trip(const Result& result) { return parse_result(to_json(result), "r.json"); }

void expect_same(const std::vector<Sample>& found, const std::vector<Sample>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].real_seconds, expected[i].real_seconds);  // to the bit
    EXPECT_EQ(found[i].cpu_seconds, expected[i].cpu_seconds);
    EXPECT_EQ(found[i].iterations, expected[i].iterations);
  }
}

TEST(BenchJson, BringsRowsBackToTheBit) {
  const Result expected = full_result();
  const Result found = round_trip(expected);
  ASSERT_EQ(found.rows.size(), expected.rows.size());
  for (std::size_t i = 0; i < found.rows.size(); ++i) {
    const Row& row = expected.rows[i];
    EXPECT_EQ(found.rows[i].name, row.name);
    expect_same(found.rows[i].samples, row.samples);
    expect_same(found.rows[i].control, row.control);
    EXPECT_EQ(found.rows[i].threads, row.threads);
    EXPECT_EQ(found.rows[i].counters, row.counters);
    EXPECT_EQ(found.rows[i].instructions, row.instructions);
    EXPECT_EQ(found.rows[i].code, row.code);
    EXPECT_EQ(found.rows[i].invalid, row.invalid);
  }
}

TEST(BenchJson, BringsBackWhatBelongsToTheWholeRun) {
  const Result expected = full_result();
  const Result found = round_trip(expected);
  EXPECT_EQ(found.date, expected.date);
  EXPECT_EQ(found.program, expected.program);
  EXPECT_EQ(found.commit, expected.commit);
  EXPECT_EQ(found.machine, expected.machine);
  EXPECT_EQ(found.settings, expected.settings);
  EXPECT_EQ(found.pairing, expected.pairing);
  EXPECT_EQ(found.noise.seconds, 12.5);
  EXPECT_EQ(found.noise.steal_seconds, 0.25);
  EXPECT_EQ(found.noise.pressure_share, 0.125);
  EXPECT_EQ(found.noise.involuntary_switches, 77U);
  EXPECT_EQ(found.noise.major_faults, 3U);
  EXPECT_EQ(found.roofs.flops_per_second, 1.1e11);
  EXPECT_EQ(found.roofs.bytes_per_second, 2.2e10);
}

TEST(BenchJson, BringsBackMemoryLedgerAndExperts) {
  const Result found = round_trip(full_result());
  ASSERT_EQ(found.memory.size(), 2U);
  EXPECT_EQ(found.memory[0].name, "load");
  EXPECT_EQ(found.memory[0].peak_bytes, 100U);
  EXPECT_EQ(found.memory[0].after_bytes, 90U);
  EXPECT_EQ(found.memory[0].explained_bytes, 80U);
  EXPECT_EQ(found.bytes, full_result().bytes);
  ASSERT_EQ(found.ledger.size(), 2U);
  EXPECT_EQ(found.ledger[0].layer, 3U);
  EXPECT_EQ(found.ledger[0].error, 1e-7);
  EXPECT_FALSE(found.ledger[0].used);
  EXPECT_FALSE(found.ledger[1].layer);
  EXPECT_EQ(found.ledger[1].group, "logits");
  EXPECT_EQ(found.ledger[1].used, 0.5);
  ASSERT_EQ(found.experts.size(), 1U);
  EXPECT_EQ(found.experts[0].tokens, (std::vector<std::uint64_t>{0, 18446744073709551615U, 7}));
}

TEST(BenchJson, WritesErrorsThatAreNoNumbersSoThatEveryToolReadsThem) {
  Result result;
  result.rows = {row_of("a", {1})};
  result.ledger = {{"prefill", 0, "router", 1, 0, 0, std::numeric_limits<double>::quiet_NaN(),
                    std::numeric_limits<double>::infinity()}};
  EXPECT_EQ(to_json(result).find(": NaN"), std::string::npos);
  const Result found = round_trip(result);
  EXPECT_TRUE(std::isnan(*found.ledger[0].error));
  EXPECT_TRUE(std::isinf(*found.ledger[0].used));
}

TEST(BenchJson, HasTheKeysOfGoogleBenchmarkInItsOrder) {
  Result result;
  result.rows = {row_of("a", {0.002, 0.004})};
  const json::object ours = parse_json(to_json(result), "ours").get_object();
  const json::object theirs = parse_json(google_output, "theirs").get_object();
  const auto keys = [](const json::value& value) {
    std::string text;
    for (const auto& member : value.get_object()) text += std::string(member.key()) + " ";
    return text;
  };
  EXPECT_EQ(keys(ours.at("context")), keys(theirs.at("context")));
  const json::array& entries = ours.at("benchmarks").get_array();
  EXPECT_EQ(keys(entries[0]) + "items_per_second ", keys(theirs.at("benchmarks").get_array()[0]));
  EXPECT_EQ(keys(entries[2]) + "items_per_second ", keys(theirs.at("benchmarks").get_array()[3]));
  EXPECT_EQ(entries[0].at("real_time"), 2e6);  // nanoseconds
  EXPECT_EQ(entries[1].at("repetition_index"), 1);
}

TEST(BenchJson, EndsEachRowWithItsAggregates) {
  Result result;
  result.rows = {row_of("a", {1, 3}), row_of("b", {5})};
  const json::object file = parse_json(to_json(result), "r").get_object();
  const json::array& entries = file.at("benchmarks").get_array();
  ASSERT_EQ(entries.size(), 7U);  // one sample has no spread
  EXPECT_EQ(entries[2].at("name"), "a_mean");
  EXPECT_EQ(entries[2].at("real_time"), 2e9);
  EXPECT_EQ(entries[3].at("aggregate_name"), "median");
  EXPECT_DOUBLE_EQ(entries[4].at("real_time").get_double(), std::sqrt(2.0) * 1e9);
  EXPECT_DOUBLE_EQ(entries[5].at("real_time").get_double(), std::sqrt(2.0) / 2);
  EXPECT_EQ(entries[6].at("name"), "b");
}

TEST(BenchJson, MarksTheSamplesOfAnInvalidRow) {
  const json::value file = parse_json(to_json(full_result()), "r");
  for (const json::value& entry : file.at("benchmarks").get_array()) {
    const bool wrong = entry.at("run_name") == "wrong" || entry.at("run_name") == "refused";
    EXPECT_EQ(entry.get_object().contains("error_occurred"), wrong);
    EXPECT_EQ(entry.at("run_type") == "aggregate", entry.get_object().contains("aggregate_name"));
  }
}

TEST(BenchJson, ReadsWhatGoogleBenchmarkWrites) {
  const Result result = parse_result(google_output, "g.json");
  EXPECT_EQ(result.date, "2026-03-01T10:45:19+00:00");
  EXPECT_EQ(result.program, "bin/micro_reference");
  EXPECT_EQ(result.machine.at("cores"), "2");
  EXPECT_EQ(result.machine.at("caches").substr(0, 26), "L1 Data 32768 bytes of 1, ");
  EXPECT_FALSE(result.machine.contains("host_name"));
  EXPECT_EQ(result.settings.at("library_build_type"), "debug");
  ASSERT_EQ(result.rows.size(), 1U);
  const Row& row = result.rows[0];
  EXPECT_EQ(row.name, "rms_norm<float>/32/1024");
  ASSERT_EQ(row.samples.size(), 3U);
  EXPECT_DOUBLE_EQ(row.samples[0].real_seconds, 2.0409687499971753e-04);
  EXPECT_EQ(row.samples[0].iterations, 304U);
  EXPECT_DOUBLE_EQ(row.counters.at("items/s"), 7.1448653402658880e+08);
}

TEST(BenchJson, ReadsABenchmarkThatGoogleBenchmarkSaysFailed) {
  const Result result = parse_result(R"({"context": {}, "benchmarks": [{"name": "a", "run_type": "iteration",
      "error_occurred": true, "error_message": "no model", "iterations": 0, "real_time": 0.0, "cpu_time": 0.0,
      "time_unit": "ns"}]})",
                                     "g.json");
  EXPECT_EQ(result.rows.at(0).invalid, "no model");
  EXPECT_TRUE(result.rows.at(0).samples.empty());
}

TEST(BenchJson, ReadsAFile) {
  const test::TemporaryFolder folder;
  const auto path = folder.add("r.json", to_json(full_result()));
  EXPECT_EQ(read_result(path.string()).rows.size(), 4U);
  EXPECT_NE(test::error_of([&] { (void)read_result((folder.path() / "none.json").string()); }).find("none.json"),
            std::string::npos);
}

}  // namespace
}  // namespace assay::bench
