// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Recorded values under the judge: what they may be stored as, what they may lack, and what they may not be compared
// with.
#include "golden/replay/diff.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "golden/format/weights_hash.hpp"
#include "golden/replay/lacking.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/golden_copy.hpp"
#include "tests/support/recorded_dump.hpp"

namespace assay::test {
namespace {

using golden::CaseResult;
using golden::Dump;
using golden::GoldenFile;
using golden::SiteResult;
using golden::Values;
using golden::Verdict;

class Diff : public testing::Test {
 protected:
  using Change = std::function<void(RecordedDump&)>;

  /// A dump of what the golden holds, but for `change`.
  std::string written(const GoldenFile& of, const Change& change, Precision precision = Precision::f64,
                      const std::string& file = "dump.h5") const {
    RecordedDump dump(of, precision);
    change(dump);
    const std::filesystem::path path = folder.path() / file;
    dump.write(path);
    return path.string();
  }

  static CaseResult judged(const GoldenFile& expected, const std::string& actual,
                           const golden::Selection& selection = {}) {
    golden::ExamOptions options;
    options.selection = selection;
    return golden::diff(expected, Dump(actual), options, "assay diff E A", {});
  }

  CaseResult changed(const Change& change, Precision precision = Precision::f64) const {
    return judged(granite, written(granite, change, precision));
  }

  std::string complaint(const Change& change) const {
    return error_of([&] { (void)changed(change); });
  }

  GoldenFile granite{committed_golden("granitemoe_prefill")};  // 3 layers, B 2, L 6, D 24, E 8, k 3
  TemporaryFolder folder;
};

constexpr auto nothing = [](RecordedDump&) {};

bool is_told(const std::vector<std::string>& words, const std::string& text) {
  return std::ranges::any_of(words, [&](const std::string& word) { return word.find(text) != std::string::npos; });
}

TEST_F(Diff, TheGoldensOwnValuesPassExactlyInEitherFormat) {
  for (const char* name : {"granitemoe_prefill", "granitemoehybrid_cache", "phimoe_cache", "granitemoe_given_cache"}) {
    const GoldenFile golden(committed_golden(name));
    for (const char* file : {"dump.h5", "dump.safetensors"}) {
      const CaseResult result = judged(golden, written(golden, nothing, Precision::f64, file));
      EXPECT_EQ(result.verdict, Verdict::pass) << name << divergence_of(result) << result.error;
      for (const SiteResult& site : result.sites) EXPECT_EQ(site.metrics.max_abs, 0.0);
      EXPECT_EQ(result.engine, "somebody");
      EXPECT_TRUE(result.notes.empty()) << result.notes.front();
      EXPECT_TRUE(result.not_in_dump.empty()) << result.not_in_dump.front();
    }
  }
}

TEST_F(Diff, TransformersOwnFloat32IsWithinTheNoise) {
  const CaseResult result = changed(nothing, Precision::f32);
  EXPECT_EQ(result.verdict, Verdict::pass) << divergence_of(result);
  EXPECT_EQ(result.precision, Precision::f32);
}

TEST_F(Diff, OneWrongElementFailsWithACommandOfThatSite) {
  const CaseResult result =
      changed([](RecordedDump& dump) { dump.set_number("calls/000/actual/layers/001/q_proj", 199, 42.0); });
  EXPECT_EQ(sites_of(result, Verdict::fail), std::vector<std::string>{"call 0 layer 1 q_proj"});
  EXPECT_EQ(result.first_divergence->site.metrics.worst_index, (Shape{1, 2, 7}));
  EXPECT_EQ(result.first_divergence->command, "assay diff E A --sites q_proj --layers 1:2");
}

TEST_F(Diff, ValuesMayBeStoredInNarrowerTypesAndIntegersInWider) {
  const std::string path = written(
      granite,
      [](RecordedDump& dump) {
        for (auto& [name, array] : dump.arrays) {
          if (!name.ends_with("router_experts")) continue;
          std::vector<std::int64_t> wide(elements(array.shape));
          std::memcpy(wide.data(), array.bytes.data(), array.bytes.size());
          dump.set(name, array.shape, std::vector<std::int32_t>(wide.begin(), wide.end()));
        }
        // 1 and 0 are themselves in bfloat16 and float16: 0x3F80 and 0x3C00.
        dump.arrays["calls/000/actual/layers/000/attn_probs"] = {DType::bf16, {2, 6, 6, 6}, std::string(864, '\x3f')};
        dump.arrays["calls/000/actual/layers/001/attn_probs"] = {DType::f16, {2, 6, 6, 6}, std::string(864, '\x3c')};
      },
      Precision::f32);
  const Dump dump(path);
  EXPECT_EQ(dump.integers(CallIndex{0}, {Site::router_experts, LayerIndex{0}}),
            granite.integers(CallIndex{0}, Values::hf32, {Site::router_experts, LayerIndex{0}}));
  EXPECT_EQ(dump.values(CallIndex{0}, {Site::attn_probs, LayerIndex{0}})[0], 0.74609375);  // 0x3F3F
  EXPECT_EQ(dump.values(CallIndex{0}, {Site::attn_probs, LayerIndex{1}})[5], 1.05859375);  // 0x3C3C
  const CaseResult result = judged(granite, path);
  EXPECT_EQ(sites_of(result, Verdict::fail),
            (std::vector<std::string>{"call 0 layer 0 attn_probs", "call 0 layer 1 attn_probs"}));
}

TEST_F(Diff, APartIsJudgedAndTheRestIsTold) {
  const CaseResult result = changed([](RecordedDump& dump) {
    dump.remove("attn_");
    dump.remove("layers/002");
    dump.remove("layers/001/moe_out");
    dump.remove("rope_");
  });
  EXPECT_EQ(result.verdict, Verdict::pass) << divergence_of(result);
  EXPECT_EQ(result.not_in_dump,
            (std::vector<std::string>{"layer 2", "rope_inv_freq", "rope_cos", "rope_sin", "attn_norm_out",
                                      "attn_visible", "attn_scores", "attn_probs", "attn_out", "moe_out of layer 1"}));
}

TEST_F(Diff, CallsThatWereNotRecordedAreTold) {
  const GoldenFile golden(committed_golden("granitemoe_cache"));
  const std::string path = written(golden, [](RecordedDump& dump) {
    dump.remove("calls/001/actual");
    dump.remove("calls/002/actual/layers/000/q_proj");
  });
  const CaseResult result = judged(golden, path);
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_EQ(result.not_in_dump, (std::vector<std::string>{"call 1", "q_proj of layer 0 in call 2"}));
}

TEST_F(Diff, LogitsAloneAreEnough) {
  const CaseResult result = changed([](RecordedDump& dump) {
    dump.remove("layers");
    dump.remove("rope");
    dump.remove("inputs");
    dump.remove("embed_out");
    dump.remove("final_norm_out");
    dump.attributes.erase("weights_sha256");
  });
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_EQ(result.sites.size(), 1U);
  EXPECT_TRUE(is_told(result.notes, "not known to be of the same weights")) << result.notes.size();
  EXPECT_TRUE(is_told(result.notes, "not known to be of the same inputs, which the dump does not hold: input_ids"));
}

TEST_F(Diff, SlotsThatNobodyCanTellApartAreNotJudged) {
  const CaseResult result = changed([](RecordedDump& dump) { dump.remove("router_experts"); });
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_TRUE(is_told(result.notes, "no router_experts to tell their slots apart: router_weights, expert_gate_up"));
  EXPECT_TRUE(std::ranges::none_of(result.sites, [](const SiteResult& site) { return is_per_slot(site.site); }));
}

TEST_F(Diff, OtherExpertsAreWrongAlsoWhereNoRouterLogitsWereRecorded) {
  const CaseResult result = changed([&](RecordedDump& dump) {
    dump.remove("router_logits");
    auto experts = granite.integers(CallIndex{0}, Values::truth, {Site::router_experts, LayerIndex{1}});
    const std::int64_t was = experts[0];
    do {
      experts[0] = (experts[0] + 1) % 8;
    } while (std::count(experts.begin(), experts.begin() + 3, experts[0]) > 1 || experts[0] == was);
    dump.set("calls/000/actual/layers/001/router_experts", {12, 3}, experts);
  });
  EXPECT_EQ(sites_of(result, Verdict::fail).front(), "call 0 layer 1 router_experts");
}

TEST_F(Diff, NaNFailsAtItsIndexWhicheverSideHasIt) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::string site = "calls/000/actual/layers/001/mixer_out";
  for (const double bad : {nan, infinity, -infinity}) {
    const CaseResult result = changed([&](RecordedDump& dump) { dump.set_number(site, 30, bad); });
    EXPECT_EQ(sites_of(result, Verdict::fail), std::vector<std::string>{"call 0 layer 1 mixer_out"}) << bad;
    EXPECT_EQ(result.first_divergence->site.metrics.worst_index, (Shape{0, 1, 6})) << bad;
    EXPECT_FALSE(std::isfinite(result.first_divergence->site.metrics.actual));
  }
}

/// A dump held against a dump: `assay dump` writes what GoldenFile reads.
class DiffOfDumps : public Diff {
 protected:
  std::string complete(const Change& change, Precision precision, const std::string& file) const {
    return written(
        granite,
        [&](RecordedDump& dump) {
          const std::string text = granite.config_text();
          dump.arrays["config"] = {DType::u8, {text.size()}, text};
          change(dump);
        },
        precision, file);
  }
};

TEST_F(DiffOfDumps, HaveFixedLimits) {
  const std::string f64 = complete(nothing, Precision::f64, "f64.h5");
  const std::string f32 = complete(nothing, Precision::f32, "f32.h5");
  const CaseResult exact = judged(GoldenFile(f64), f64);
  EXPECT_EQ(exact.verdict, Verdict::pass) << divergence_of(exact) << exact.error;
  EXPECT_EQ(exact.witness, golden::Witness::dump);
  EXPECT_EQ(exact.sites.back().limit_rel_l2, golden::Tolerances{}.f64_small);
  const CaseResult wide = judged(GoldenFile(f64), f32);
  EXPECT_EQ(wide.verdict, Verdict::pass) << divergence_of(wide);
  EXPECT_EQ(wide.sites.back().limit_rel_l2, golden::Tolerances{}.without_truth);
  const CaseResult wrong =
      judged(GoldenFile(f32), complete([](RecordedDump& dump) { dump.set_number("calls/000/actual/logits", 3, 9.0); },
                                       Precision::f32, "wrong.h5"));
  EXPECT_EQ(sites_of(wrong, Verdict::fail), std::vector<std::string>{"call 0 logits"});
}

TEST_F(DiffOfDumps, NaNOnBothSidesFails) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, infinity}) {
    const auto put = [&](RecordedDump& dump) { dump.set_number("calls/000/actual/logits", 31, bad); };
    const std::string path = complete(put, Precision::f32, "nan.h5");
    const CaseResult result = judged(GoldenFile(path), path);
    EXPECT_EQ(sites_of(result, Verdict::fail), std::vector<std::string>{"call 0 logits"});
    EXPECT_EQ(result.first_divergence->site.metrics.worst_index, (Shape{0, 1, 0}));
    const CaseResult one_side = judged(GoldenFile(path), complete(nothing, Precision::f32, "f32.h5"));
    EXPECT_EQ(sites_of(one_side, Verdict::fail), std::vector<std::string>{"call 0 logits"});
  }
}

TEST_F(DiffOfDumps, OfPartsAreJudgedOnWhatBothHold) {
  const std::string expected = complete(
      [](RecordedDump& dump) {
        dump.remove("layers/000/router_logits");
        dump.remove("layers/001/router_experts");
        dump.remove("layers/002");
      },
      Precision::f64, "part.h5");
  const CaseResult result = judged(GoldenFile(expected), complete(nothing, Precision::f64, "f64.h5"));
  EXPECT_EQ(result.verdict, Verdict::pass) << divergence_of(result);
  const auto is_judged = [&](std::size_t layer, Site site) {
    return std::ranges::any_of(
        result.sites, [&](const SiteResult& each) { return each.site == site && each.layer == LayerIndex{layer}; });
  };
  EXPECT_TRUE(is_judged(0, Site::moe_out));
  EXPECT_FALSE(is_judged(0, Site::router_experts)) << "no logits, no proof of a tie";
  EXPECT_FALSE(is_judged(0, Site::expert_out));
  EXPECT_TRUE(is_judged(1, Site::router_logits));
  EXPECT_FALSE(is_judged(1, Site::router_weights));
  EXPECT_FALSE(is_judged(2, Site::q_proj));
}

TEST_F(DiffOfDumps, ATieIsProvenByTheLogitsOfTheExpected) {
  const std::string logits = "calls/000/actual/layers/001/router_logits";
  const std::string experts = "calls/000/actual/layers/001/router_experts";
  std::int64_t chosen = 0;
  std::int64_t next = 0;
  const std::string expected = complete(
      [&](RecordedDump& dump) {
        std::vector<std::size_t> ranked{0, 1, 2, 3, 4, 5, 6, 7};
        const std::vector<double> row = dump.numbers(logits);  // token 0
        std::ranges::sort(ranked, std::greater<>(), [&](std::size_t e) { return row[e]; });
        dump.set_number(logits, ranked[3], row[ranked[2]]);
        chosen = static_cast<std::int64_t>(ranked[2]);
        next = static_cast<std::int64_t>(ranked[3]);
      },
      Precision::f32, "tie.h5");
  const GoldenFile golden(expected);
  const auto take_next = [&](RecordedDump& dump) {
    const CallIndex call{0};
    dump.set(logits, {12, 8}, golden.values(call, Values::actual, {Site::router_logits, LayerIndex{1}}));
    auto choice = golden.integers(call, Values::actual, {Site::router_experts, LayerIndex{1}});
    *std::find(choice.begin(), choice.begin() + 3, chosen) = next;
    dump.set(experts, {12, 3}, choice);
  };
  const CaseResult result = judged(golden, complete(take_next, Precision::f32, "other.h5"));
  EXPECT_EQ(result.verdict, Verdict::tie) << divergence_of(result) << result.error;
  EXPECT_EQ(result.contaminated_tokens, 1U + 6U);
}

TEST_F(Diff, OtherThingsAreNotComparedAndTheReasonIsGiven) {
  const std::string file = (folder.path() / "dump.h5").string();
  const auto refusal = [&](const Change& change) {
    const CaseResult result = changed(change);
    EXPECT_EQ(result.verdict, Verdict::stale);
    EXPECT_EQ(golden::exit_code(result.verdict), 3);
    EXPECT_TRUE(result.sites.empty());
    EXPECT_TRUE(result.error.starts_with(file + ": ")) << result.error;
    return result.error.substr(std::min(result.error.size(), file.size() + 2));
  };
  const std::string as_in = " as in " + granite.file();
  EXPECT_EQ(refusal([](RecordedDump& dump) { dump.attributes["weights_sha256"] = "00"; }),
            "weights_sha256: expected " + *golden::weights_sha256(granite) + as_in + ", found 00");
  EXPECT_EQ(refusal([](RecordedDump& dump) { dump.attributes["model_type"] = "phimoe"; }),
            "model_type: expected granitemoe" + as_in + ", found phimoe");
  EXPECT_EQ(refusal([](RecordedDump& dump) { dump.attributes["calls/001/use_cache"] = "0"; }),
            "calls: expected 1" + as_in + ", found 2");
  EXPECT_EQ(refusal([](RecordedDump& dump) { dump.attributes["calls/000/logits_to_keep"] = "2"; }),
            "calls/000: logits_to_keep: expected 0" + as_in + ", found 2");
  EXPECT_EQ(refusal([](RecordedDump& dump) {
              dump.set("calls/000/inputs/input_ids", {1, 6}, std::vector<std::int64_t>(6, 1));
            }),
            "calls/000/inputs/input_ids: expected [2, 6]" + as_in + ", found [1, 6]");
  EXPECT_NE(refusal([](RecordedDump& dump) {
              dump.set("calls/000/inputs/input_ids", {2, 6}, std::vector<std::int32_t>(12, 1));
            }).find("calls/000/inputs/input_ids: element ["),
            std::string::npos);
  EXPECT_EQ(refusal([](RecordedDump& dump) {
              std::vector<std::int64_t> mask(12, 1);
              mask.front() = 0;
              dump.set("calls/000/inputs/attention_mask", {2, 6}, mask);
            }),
            "calls/000/inputs/attention_mask: expected none" + as_in + ", found one");
  std::string config = granite.config_text();
  const std::size_t at = config.find("\"num_experts_per_tok\": 3");
  ASSERT_NE(at, std::string::npos);
  config.replace(at, 24, "\"num_experts_per_tok\": 2");
  EXPECT_EQ(refusal([&](RecordedDump& dump) {
              dump.arrays["config"] = {DType::u8, {config.size()}, config};
            }),
            "config: expected that of " + granite.file() + ", found other values of num_experts_per_tok");
}

TEST_F(Diff, WhatHoldsAnywayMayBeWrittenDown) {
  const CaseResult result = changed([&](RecordedDump& dump) {
    dump.set("calls/000/inputs/attention_mask", {2, 6}, std::vector<std::int64_t>(12, 1));
    dump.set("calls/000/inputs/position_ids", {1, 6}, std::vector<std::int64_t>{0, 1, 2, 3, 4, 5});
    const std::string text = granite.config_text() + "\n";
    dump.arrays["config"] = {DType::u8, {text.size()}, text};
  });
  EXPECT_EQ(result.verdict, Verdict::pass) << result.error;
}

TEST_F(Diff, WithoutACommonSiteNothingIsProven) {
  const CaseResult result = changed([](RecordedDump& dump) { dump.remove("actual"); });
  EXPECT_EQ(result.verdict, Verdict::vacuous);
  EXPECT_NE(result.error.find("expected at least one site that " + granite.file() + " has, found none"),
            std::string::npos);
}

TEST_F(Diff, WrongNamesAndShapesAreAllListed) {
  const std::string text = complaint([](RecordedDump& dump) {
    dump.set("calls/000/actual/layers/000/moe_output", {2, 6, 24}, std::vector<double>(288));
    dump.set("calls/000/actual/layers/007/moe_out", {2, 6, 24}, std::vector<double>(288));
    dump.set("calls/000/actual/q_proj", {2, 6, 24}, std::vector<double>(288));
    dump.set("calls/000/actual/logits", {2, 6}, std::vector<double>(12));
    dump.set("calls/000/actual/layers/000/router_experts", {12, 3}, std::vector<double>(36));
    dump.set("calls/000/inputs/input_idz", {1}, std::vector<std::int64_t>(1));
    dump.set("calls/000/truth/logits", {1}, std::vector<double>(1));
  });
  for (const char* line : {
           "found 7 wrong\n",
           "calls/000/actual/layers/000/moe_output: expected the name of a site, found this; nearest: moe_out",
           "calls/000/actual/layers/007/moe_out: expected layers 000 to 002, found this",
           "calls/000/actual/q_proj: expected layers/NNN/q_proj, found this",
           "calls/000/actual/logits: expected [2, 6, 31] f64, f32, bf16 or f16, found [2, 6] f64",
           "calls/000/actual/layers/000/router_experts: expected [12, 3] i64 or i32, found [12, 3] f64",
           "calls/000/inputs/input_idz: expected the name of an input, found this; nearest: input_ids",
           "calls/000/truth/logits: expected calls/NNN/actual/... or calls/NNN/inputs/..., found this",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  }
}

TEST_F(Diff, AFileThatIsNoDumpIsRefused) {
  const std::string file = (folder.path() / "dump.h5").string();
  EXPECT_EQ(complaint([](RecordedDump& dump) { dump.attributes["kind"] = "golden"; }),
            file + ": kind: expected \"dump\", found \"golden\"");
  EXPECT_EQ(complaint([](RecordedDump& dump) { dump.attributes["schema"] = "other"; }),
            file + ": schema: expected \"assay.golden\", found \"other\"");
  EXPECT_EQ(complaint([](RecordedDump& dump) { dump.attributes["schema_version"] = "2.0"; }),
            file + ": schema_version: expected 1.x, found 2.0");
  EXPECT_EQ(complaint([](RecordedDump& dump) { dump.attributes.erase("engine"); }),
            file + ": attribute engine: expected a string, found none");
  EXPECT_EQ(complaint([](RecordedDump& dump) { dump.attributes["precision"] = "int4"; }),
            file + ": precision: expected f32, f64 or bf16, found int4");
  const std::string other = folder.add("other.bin", "no dump at all").string();
  EXPECT_EQ(error_of([&] { Dump dump(other); }),
            other + ": expected an HDF5 file or one named .safetensors, found something else");
}

}  // namespace
}  // namespace assay::test
