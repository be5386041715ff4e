// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/dump_writer.hpp"

#include <gtest/gtest.h>

#include "golden/format/weights_hash.hpp"
#include "model/files/atomic_file.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::DumpWriter;
using golden::GoldenFile;
using golden::Selection;
using golden::Values;

/// Writes what a replay of the golden emits; returns the number of sites.
std::size_t dump(const std::filesystem::path& path, const GoldenFile& golden, Precision precision,
                 const Selection& selection = {}) {
  ReplayEngine engine(golden, precision);
  DumpWriter writer(path, golden, {.engine = "replay", .precision = precision, .threads = {}, .weights = {}},
                    selection);
  for (std::size_t i = 0; i < golden.calls().size(); ++i) {
    writer.begin_call(CallIndex{i});
    engine.forward(golden.calls()[i].call(), Probe(&writer));
  }
  writer.close();
  return writer.sites();
}

class WrittenDump : public testing::Test {
 protected:
  GoldenFile golden{committed_golden("granitemoe_left_pad")};
  TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "dump.h5";
};

TEST_F(WrittenDump, KeepsEveryValueInFloat64) {
  const std::size_t sites = golden.calls()[0].sites.size() + golden.calls()[1].sites.size();
  EXPECT_EQ(dump(path, golden, Precision::f64), sites);
  const GoldenFile written(path);
  EXPECT_EQ(written.kind(), golden::Kind::dump);
  EXPECT_EQ(written.engine(), "replay");
  EXPECT_EQ(written.precision(), "f64");
  EXPECT_EQ(written.config_text(), golden.config_text());
  EXPECT_EQ(written.calls().size(), golden.calls().size());
  EXPECT_TRUE(written.has(Values::actual));
  EXPECT_FALSE(written.has(Values::truth));
  for (std::size_t call = 0; call < 2; ++call) {
    for (const PlannedSite& site : golden.calls()[call].sites) {
      const SiteKind kind = info(site.point.site).kind;
      if (kind == SiteKind::mask || kind == SiteKind::routing) {
        EXPECT_EQ(written.integers(CallIndex{call}, Values::actual, site.point),
                  golden.integers(CallIndex{call}, Values::truth, site.point));
      } else {
        EXPECT_EQ(written.values(CallIndex{call}, Values::actual, site.point),
                  golden.values(CallIndex{call}, Values::truth, site.point));
      }
    }
  }
}

TEST_F(WrittenDump, OfTheSameValuesIsTheSameFile) {
  (void)dump(path, golden, Precision::f32);
  (void)dump(folder.path() / "again.h5", golden, Precision::f32);
  EXPECT_EQ(read_text_file(path), read_text_file(folder.path() / "again.h5"));
}

TEST_F(WrittenDump, HoldsOnlyTheSelectedSites) {
  EXPECT_EQ(dump(path, golden, Precision::f32, {.sites = "q_proj,logits"}), 2U * (2U + 1U));
  const GoldenFile written(path);
  EXPECT_TRUE(written.reader().has("/calls/001/actual/layers/001/q_proj"));
  EXPECT_FALSE(written.reader().has("/calls/001/actual/layers/001/k_proj"));
}

TEST_F(WrittenDump, NumbersItsSitesInTheOrderOfExecution) {
  (void)dump(path, golden, Precision::f32);
  const GoldenFile written(path);
  EXPECT_EQ(written.reader().integer_attribute("/calls/000/actual/embed_out", "order"), 0);
  EXPECT_EQ(written.reader().integer_attribute("/calls/000/actual/logits", "order"),
            static_cast<std::int64_t>(golden.calls()[0].sites.size()) - 1);
}

TEST_F(WrittenDump, SaysHowTheEngineRanAndWhatItDoesNotShow) {
  ReplayEngine engine(golden, Precision::f32);
  for (const Site site : {Site::attn_probs, Site::attn_scores, Site::ssm_out}) engine.fuse_away(site);
  const golden::EngineRun run{.engine = "optimized", .precision = Precision::f32, .threads = 2, .weights = "bf16"};
  {
    DumpWriter writer(path, golden, run, {});
    writer.declare(engine);
    EXPECT_EQ(writer.not_provided(), (std::vector<Site>{Site::attn_scores, Site::attn_probs}));
    writer.begin_call(CallIndex{0});
    engine.forward(golden.calls()[0].call(), Probe(&writer));
    writer.close();
  }
  const GoldenFile written(path);
  EXPECT_EQ(written.not_provided(), (std::vector<Site>{Site::attn_scores, Site::attn_probs}));
  EXPECT_EQ(written.reader().string_attribute("/", "not_provided"), "attn_scores, attn_probs");
  EXPECT_EQ(written.reader().integer_attribute("/", "threads"), 2);
  EXPECT_EQ(written.reader().string_attribute("/", "engine_weights"), "bf16");
}

TEST_F(WrittenDump, OfAnEngineWithoutSettingsHasNone) {
  (void)dump(path, golden, Precision::f32);
  const GoldenFile written(path);
  EXPECT_TRUE(written.not_provided().empty());
  for (const char* name : {"not_provided", "engine_weights"}) {
    EXPECT_EQ(written.reader().string_attribute("/", name), std::nullopt) << name;
  }
  EXPECT_EQ(written.reader().integer_attribute("/", "threads"), std::nullopt);
}

TEST_F(WrittenDump, MayStoreItsValuesInAnotherTypeThanItComputesIn) {
  (void)dump(path, golden, Precision::f32);
  EXPECT_EQ(GoldenFile(path).reader().describe("/calls/000/actual/logits").dtype, DType::f32);
  ReplayEngine engine(golden, Precision::f64);
  const std::filesystem::path wide = path.string() + ".wide";
  {
    const golden::EngineRun run{.engine = "replay", .precision = Precision::f32, .threads = {}, .weights = {}};
    DumpWriter writer(wide, golden, run, {.sites = "logits"});
    engine.forward(golden.calls()[0].call(), Probe(&writer));
    writer.close();
  }
  const ProbePoint logits{Site::logits, std::nullopt};
  EXPECT_EQ(GoldenFile(wide).values(CallIndex{0}, Values::actual, logits),
            golden.values(CallIndex{0}, Values::truth, logits));
}

TEST_F(WrittenDump, SaysWhichWeightsTheEngineHad) {
  (void)dump(path, golden, Precision::f32);
  const std::string hash = GoldenFile(path).reader().string_attribute("/", "weights_sha256").value();
  EXPECT_EQ(hash, golden::weights_sha256(golden));
  EXPECT_EQ(hash, golden::weights_sha256(GoldenFile(path)));
  EXPECT_NE(hash, golden::weights_sha256(GoldenFile(committed_golden("granitemoe_act_relu"))));
}

}  // namespace
}  // namespace assay::test
