// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay diff: what it prints and how it ends.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "golden/format/golden_file.hpp"
#include "tests/assay/program.hpp"
#include "tests/support/golden_copy.hpp"
#include "tests/support/recorded_dump.hpp"

namespace assay::test {
namespace {

class DiffVerb : public testing::Test {
 protected:
  std::string written(const std::string& name, const std::function<void(RecordedDump&)>& change) const {
    RecordedDump dump(golden::GoldenFile(expected), Precision::f32);
    change(dump);
    const std::filesystem::path path = folder.path() / name;
    dump.write(path);
    return path.string();
  }

  TemporaryFolder folder;
  std::string expected = golden_argument("granitemoe_prefill");
};

constexpr auto nothing = [](RecordedDump&) {};

TEST_F(DiffVerb, WhatDumpWritesHolds) {
  for (const char* name : {"granitemoehybrid_cache", "phimoe_cache"}) {
    const std::string golden = golden_argument(name);
    const std::string out = (folder.path() / "dump.h5").string();
    const ChildResult dumped =
        assay_program({"dump", golden, "--engine", "reference", "--precision", "f64", "--out", out});
    ASSERT_EQ(dumped.exit_code, 0) << dumped.err;
    const ChildResult result = assay_program({"diff", golden, out, "--json", "-"});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_EQ(result.err, "");
    const auto document = json_of(result.out);
    const auto& judged = document.at("results").as_array()[0];
    EXPECT_EQ(judged.at("verdict").as_string(), "PASS");
    EXPECT_EQ(judged.at("actual").as_string(), out);
    EXPECT_TRUE(judged.at("notes").as_array().empty());
    EXPECT_EQ(judged.at("engine").as_string(), "reference");
    const auto verified = json_of(assay_program({"verify", golden, "--precision", "f64", "--json", "-"}).out);
    EXPECT_EQ(judged.at("sites").as_array().size(), verified.at("results").as_array()[0].at("sites").as_array().size());

    const ChildResult twice = assay_program({"diff", out, out});
    EXPECT_EQ(twice.exit_code, 0) << twice.out << twice.err;
    EXPECT_NE(twice.out.find("no truth and no null distribution"), std::string::npos) << twice.out;
  }
}

TEST_F(DiffVerb, NamesTheFirstSiteAndReplaysIt) {
  const std::string actual = written("mine.safetensors", [](RecordedDump& dump) {
    dump.set_number("calls/000/actual/layers/001/moe_out", 7, 42.0);
    dump.set_number("calls/000/actual/logits", 0, 42.0);
  });
  const ChildResult result = assay_program({"diff", expected, actual});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_NE(result.out.find("site:      moe_out, layer 1, call 0 (the first of 2 that differ)"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("index:     batch 0, token 0, channel 7"), std::string::npos) << result.out;
  const std::string command = "reproduce: assay diff " + expected + " " + actual + " --sites moe_out --layers 1:2\n";
  EXPECT_NE(result.out.find(command), std::string::npos) << result.out;
  const ChildResult again = assay_program({"diff", expected, actual, "--sites", "moe_out", "--layers", "1:2"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_NE(again.out.find("site:      moe_out, layer 1, call 0\n"), std::string::npos) << again.out;
  EXPECT_EQ(assay_program({"diff", expected, actual, "--layers", "0:1", "--quiet"}).out, "");
}

TEST_F(DiffVerb, TellsWhatAPartLacks) {
  const std::string actual = written("mine.h5", [](RecordedDump& dump) {
    dump.remove("attn_");
    dump.remove("inputs");
  });
  const ChildResult result = assay_program({"diff", expected, actual});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("not in the dump: attn_norm_out, attn_visible"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("not known to be of the same inputs"), std::string::npos) << result.out;
}

TEST_F(DiffVerb, OfOtherWeightsIsExitCode3WithTheReason) {
  const std::string actual = written("mine.h5", [](RecordedDump& dump) { dump.attributes["weights_sha256"] = "beef"; });
  const std::string json = (folder.path() / "diff.json").string();
  const ChildResult result = assay_program({"diff", expected, actual, "--json", json});
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  EXPECT_TRUE(result.err.starts_with("error: " + actual + ": weights_sha256: expected ")) << result.err;
  const auto document = json_of(text_of(json));
  EXPECT_EQ(document.at("verdict").as_string(), "STALE");
}

TEST_F(DiffVerb, WithNothingInCommonIsExitCode3) {
  const std::string none = written("none.h5", [](RecordedDump& dump) { dump.remove("actual"); });
  const ChildResult result = assay_program({"diff", expected, none});
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  EXPECT_EQ(result.err, "error: " + none + ": expected at least one site that " + expected + " has, found none\n");
  const std::string actual = written("mine.h5", [](RecordedDump& dump) { dump.remove("logits"); });
  EXPECT_EQ(assay_program({"diff", expected, actual, "--sites", "logits"}).exit_code, 3);
}

TEST_F(DiffVerb, CannotJudgeWhatIsNoDump) {
  EXPECT_EQ(assay_program({"diff", expected, expected}).exit_code, 2);
  const ChildResult golden = assay_program({"diff", expected, expected});
  EXPECT_EQ(golden.err, "error: " + expected + ": kind: expected \"dump\", found \"golden\"\n");
  const std::string absent = (folder.path() / "absent.h5").string();
  const ChildResult missing = assay_program({"diff", expected, absent});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_NE(missing.err.find(absent), std::string::npos) << missing.err;
  const std::string site = "calls/000/actual/logit";
  const std::string actual =
      written("mine.h5", [&](RecordedDump& dump) { dump.set(site, {1}, std::vector<float>(1)); });
  const ChildResult unknown = assay_program({"diff", expected, actual});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_EQ(unknown.err,
            "error: " + actual + ": " + site + ": expected the name of a site, found this; nearest: logits\n");
}

TEST_F(DiffVerb, KnowsTheSameWeightsEmbeddedAndOnDisk) {
  const CheckpointGolden on_disk("granitemoe_prefill");
  const ChildResult result = assay_program({"diff", on_disk.copy.file(), written("mine.h5", nothing), "--json", "-"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(json_of(result.out).at("results").as_array()[0].at("notes").as_array().empty());
}

/// What script/golden record-llama-cpp made of a committed golden.
std::string recorded_of_llama_cpp(std::string_view case_name) {
  const std::filesystem::path golden = committed_golden(case_name);
  return (golden.parent_path().parent_path() / "third-party" / fmt::format("llama_cpp_{}.h5", case_name)).string();
}

TEST_F(DiffVerb, FindsThatLlamaCppComputesGraniteMoe) {
  const std::string actual = recorded_of_llama_cpp("granitemoe_prefill");
  const ChildResult result = assay_program({"diff", expected, actual, "--json", "-"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  const auto document = json_of(result.out);
  const auto& judged = document.at("results").as_array()[0];
  EXPECT_EQ(judged.at("verdict").as_string(), "PASS");
  EXPECT_EQ(judged.at("engine").as_string(), "llama.cpp (llama-cpp-python 0.3.36)");
  EXPECT_EQ(judged.at("sites").as_array().size(), 66U);
}

TEST_F(DiffVerb, FindsTheNormsOfLlamaCppsPhimoe) {
  const ChildResult result =
      assay_program({"diff", golden_argument("phimoe_prefill"), recorded_of_llama_cpp("phimoe_prefill")});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  const std::string first = "site:      attn_norm_out, layer 0, call 0 (the first of 62 that differ)";
  EXPECT_NE(result.out.find(first), std::string::npos) << result.out;
}

TEST_F(DiffVerb, TakesTwoFiles) {
  expect_cannot_judge(assay_program({"diff", expected}),
                      "diff: expected EXPECTED and ACTUAL, found 1 files (assay --help)");
  EXPECT_EQ(assay_program({"diff", "--help"}).exit_code, 0);
}

TEST_F(DiffVerb, ADamagedDumpNeverPasses) {
  for (const char* name : {"mine.h5", "mine.safetensors"}) {
    const std::string actual = written(name, nothing);
    const std::string whole = text_of(actual);
    folder.add(name, std::string_view(whole).substr(0, whole.size() / 2));
    EXPECT_EQ(assay_program({"diff", expected, actual}).exit_code, 2) << name;
  }
}

}  // namespace
}  // namespace assay::test
