// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay dump: what it writes is what verify judges.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "golden/format/golden_file.hpp"
#include "tests/assay/program.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using golden::Values;

class DumpVerb : public testing::Test {
 protected:
  ChildResult dump(const std::vector<std::string>& more, const ChildLimits& limits = {}) {
    std::vector<std::string> arguments{"dump", source, "--engine", "reference", "--out", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return assay_program(arguments, limits);
  }

  TemporaryFolder folder;
  std::string source = golden_argument("granitemoehybrid_cache");
  std::string out = (folder.path() / "dump.h5").string();
};

TEST_F(DumpVerb, HoldsWhatVerifySaw) {
  const ChildResult dumped = dump({"--precision", "f64"});
  ASSERT_EQ(dumped.exit_code, 0) << dumped.err;
  const ChildResult verified = assay_program({"verify", source, "--precision", "f64", "--json", "-"});
  const auto document = json_of(verified.out);
  const auto& sites = document.at("results").as_array()[0].at("sites").as_array();
  const GoldenFile golden(source);
  const GoldenFile written(out);
  EXPECT_EQ(written.engine(), "reference");
  std::size_t compared = 0;
  for (const auto& site : sites) {
    const Site which = *site_from_name(site.at("site").as_string().c_str());
    const SiteKind kind = info(which).kind;
    if (kind == SiteKind::mask || kind == SiteKind::routing) continue;
    ProbePoint point{which, std::nullopt};
    if (!site.at("layer").is_null()) point.layer = LayerIndex{site.at("layer").to_number<std::size_t>()};
    const CallIndex call{site.at("call").to_number<std::size_t>()};
    const auto truth = golden.values(call, Values::truth, point);
    const auto actual = written.values(call, Values::actual, point);
    ASSERT_EQ(actual.size(), site.at("elements").to_number<std::size_t>());
    double worst = 0.0;
    for (std::size_t i = 0; i < truth.size(); ++i) worst = std::max(worst, std::abs(actual[i] - truth[i]));
    EXPECT_EQ(worst, site.at("max_abs").to_number<double>()) << to_string(point);
    ++compared;
  }
  EXPECT_GT(compared, 150U);
}

TEST_F(DumpVerb, TwiceIsTheSameFile) {
  ASSERT_EQ(dump({}).exit_code, 0);
  const std::string first = text_of(out);
  ASSERT_EQ(dump({}).exit_code, 0);
  EXPECT_EQ(text_of(out), first);
}

TEST_F(DumpVerb, HoldsOnlyTheSitesAskedFor) {
  const ChildResult result = dump({"--sites", "q_proj,logits", "--layers", "1:2"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, out + ": 6 sites of 6 calls, reference f32\n");
  const GoldenFile written(out);
  EXPECT_TRUE(written.reader().has("/calls/005/actual/layers/001/q_proj"));
  EXPECT_FALSE(written.reader().has("/calls/005/actual/logits"));
}

TEST_F(DumpVerb, OfNothingIsVacuousAndLeavesNoFile) {
  const ChildResult result = dump({"--layers", "7:9"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.err, "error: " + source + ": expected sites that --sites and --layers select, found none\n");
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST_F(DumpVerb, IsNoGoldenToVerifyAndHasNoWeightsToDump) {
  ASSERT_EQ(dump({}).exit_code, 0);
  expect_cannot_judge(assay_program({"verify", out}), out + ": kind: expected \"golden\", found \"dump\"");
  expect_cannot_judge(assay_program({"dump", out, "--engine", "reference", "--out", out + ".2"}),
                      out + ": expected a golden with weights, found a dump");
}

TEST_F(DumpVerb, OfAGenerationAloneHasNothingToDump) {
  const std::string generation = golden_argument("granitemoe_generate_greedy");
  expect_cannot_judge(assay_program({"dump", generation, "--engine", "reference", "--out", out}),
                      generation + ": expected calls to dump, found a generation alone");
}

TEST_F(DumpVerb, ThatCannotBeWrittenLeavesTheFileThatWasThereAlone) {
  folder.add("dump.h5", "what was there");
  const ChildResult full = dump({}, {.file_bytes = 20'000, .folder = {}});
  EXPECT_EQ(full.exit_code, 2) << full.err;
  EXPECT_EQ(std::ranges::count(full.err, '\n'), 1) << full.err;
  EXPECT_TRUE(full.err.starts_with("error: " + out)) << full.err;
  EXPECT_EQ(text_of(out), "what was there");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "nothing else is left behind";
}

TEST_F(DumpVerb, ToWhereNothingCanBeWrittenIsRefused) {
  const std::string path = (folder.path() / "none" / "dump.h5").string();
  expect_cannot_judge(assay_program({"dump", source, "--engine", "reference", "--out", path}),
                      path + ": cannot be written: No such file or directory");
}

TEST_F(DumpVerb, OfStaleWeightsIsExitCode3) {
  const CheckpointGolden golden("granitemoe_prefill");
  std::string bytes = text_of(golden.weights_file());
  bytes.back() = static_cast<char>(bytes.back() ^ 0x01);
  golden.copy.folder().add("model/model.safetensors", bytes);
  const ChildResult result = assay_program({"dump", golden.copy.file(), "--engine", "reference", "--out", out});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_TRUE(result.err.starts_with("error: model.norm.weight: expected sha256 ")) << result.err;
  EXPECT_FALSE(std::filesystem::exists(out));
}

}  // namespace
}  // namespace assay::test
