// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a golden must be to be read: one thing wrong at a time, and the whole sentence of the refusal.
#include "golden/format/golden_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "model/config/manifest.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using golden::Values;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

class RefusedGolden : public testing::Test {
 protected:
  /// What opening complains about, behind the name of the file.
  std::string refusal() {
    const std::string message = error_of([&] { GoldenFile golden(copy.path()); });
    EXPECT_TRUE(message.starts_with(copy.file() + ": ")) << message;
    return message.substr(std::min(message.size(), copy.file().size() + 2));
  }

  /// What reading complains about, of a golden that opens.
  std::string refusal_of(const std::function<void(const GoldenFile&)>& read) {
    const GoldenFile golden(copy.path());
    const std::string message = error_of([&] { read(golden); });
    EXPECT_TRUE(message.starts_with(copy.file() + ": ")) << message;
    return message.substr(std::min(message.size(), copy.file().size() + 2));
  }

  GoldenCopy copy{"granitemoe_left_pad"};  // 2 layers; calls of [2, 6] and [2, 1] with masks and positions
};

TEST_F(RefusedGolden, AnUntouchedCopyIsNotRefused) {
  const GoldenFile golden(copy.path());
  EXPECT_EQ(golden.kind(), golden::Kind::golden);
  EXPECT_EQ(golden.case_name(), "granitemoe_left_pad");
  EXPECT_EQ(golden.calls().size(), 2U);
  EXPECT_TRUE(golden.calls()[1].continues);
  EXPECT_EQ(golden.calls()[1].past, 6U);
  EXPECT_TRUE(golden.warnings().empty());
  EXPECT_TRUE(golden.has(Values::truth));
  EXPECT_FALSE(golden.has(Values::actual));
}

TEST_F(RefusedGolden, AnotherSchema) {
  copy.attribute("/", "schema", "other.golden");
  EXPECT_EQ(refusal(), "schema: expected \"assay.golden\", found \"other.golden\"");
}

TEST_F(RefusedGolden, NoSchemaAtAll) {
  copy.remove_attribute("/", "schema");
  EXPECT_EQ(refusal(), "attribute schema: expected a string, found none");
}

TEST_F(RefusedGolden, AnotherMajorVersion) {
  copy.attribute("/", "schema_version", "2.0");
  EXPECT_EQ(refusal(), "schema_version: expected 1.x, found 2.0");
}

TEST_F(RefusedGolden, NoVersionNumber) {
  for (const char* version : {"", "1", "1.", "1.x", ".1", "1.0.0", "-1.0", "one"}) {
    copy.attribute("/", "schema_version", version);
    EXPECT_EQ(refusal(), std::string("schema_version: expected \"1.2\", found \"") + version + "\"");
  }
}

TEST_F(RefusedGolden, ANewerMinorVersionIsReadWithAWarning) {
  copy.attribute("/", "schema_version", "1.7");
  const GoldenFile golden(copy.path());
  EXPECT_EQ(golden.warnings(), std::vector<std::string>{
                                   copy.file() + ": schema_version 1.7 is newer than 1.2: what it adds is not judged"});
}

TEST_F(RefusedGolden, AnotherKind) {
  copy.attribute("/", "kind", "silver");
  EXPECT_EQ(refusal(), "kind: expected \"golden\" or \"dump\", found \"silver\"");
}

TEST_F(RefusedGolden, AnAttributeOfAnotherType) {
  copy.attribute("/", "case", std::int64_t{5});
  EXPECT_EQ(refusal(), "attribute case: expected one string, found something else");
}

TEST_F(RefusedGolden, AModelTypeOtherThanThatOfItsConfig) {
  copy.attribute("/", "model_type", "phimoe");
  EXPECT_EQ(refusal(), "model_type: expected \"granitemoe\" as in /config, found \"phimoe\"");
}

TEST_F(RefusedGolden, AnUnknownModelType) {
  copy.edit_config("\"model_type\": \"granitemoe\"", "\"model_type\": \"llama\"");
  const std::string message = refusal();
  EXPECT_TRUE(message.starts_with("/config: model_type: expected ")) << message;
  EXPECT_TRUE(message.find("llama") != std::string::npos) << message;
}

TEST_F(RefusedGolden, AConfigThatTransformersRefuses) {
  copy.edit_config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": \"2\"");
  EXPECT_EQ(refusal(), "/config: num_hidden_layers: expected an integer from 1 to 2147483647, found \"2\" (a string)");
}

TEST_F(RefusedGolden, AConfigThatIsNoJson) {
  copy.text("/config", "{");
  EXPECT_TRUE(refusal().starts_with("/config: ")) << refusal();
}

TEST_F(RefusedGolden, NoConfigNoProvenanceNoCalls) {
  copy.remove("/provenance");
  EXPECT_EQ(refusal(), "/provenance: expected a text, found none");
  copy.remove("/config");
  EXPECT_EQ(refusal(), "/config: expected a text, found none");
}

TEST_F(RefusedGolden, NoCalls) {
  copy.remove("/calls");
  EXPECT_EQ(refusal(), "/calls: expected at least one call, found none");
}

TEST_F(RefusedGolden, AGapBetweenCalls) {
  copy.move("/calls/001", "/calls/002");
  EXPECT_EQ(refusal(), "/calls: expected 001, found 002");
}

TEST_F(RefusedGolden, ALongropeBehaviourOfAModelThatHasNone) {
  copy.attribute("/", "phimoe_longrope", "hf4");
  EXPECT_EQ(refusal(), "phimoe_longrope: expected none in a golden of a granitemoe, found \"hf4\"");
}

TEST(GoldenOfPhimoe, HasTheLongropeBehaviourThatItNames) {
  const auto longrope_of = [](const GoldenCopy& copy) {
    return std::get<PhimoeConfig>(GoldenFile(copy.path()).config()).longrope;
  };
  GoldenCopy copy("phimoe_bias");
  EXPECT_EQ(longrope_of(copy), PhimoeLongrope::hf5);
  copy.attribute("/", "phimoe_longrope", "hf4");
  EXPECT_EQ(longrope_of(copy), PhimoeLongrope::hf4);
  copy.attribute("/", "phimoe_longrope", "hf5");
  EXPECT_EQ(longrope_of(copy), PhimoeLongrope::hf5);
  copy.attribute("/", "phimoe_longrope", "hf6");
  EXPECT_EQ(error_of([&] { GoldenFile golden(copy.path()); }),
            copy.file() + ": phimoe_longrope: expected \"hf5\" or \"hf4\", found \"hf6\"");
}

TEST_F(RefusedGolden, WeightsOfAnotherKind) {
  copy.attribute("/", "weights", "elsewhere");
  EXPECT_EQ(refusal(), "weights: expected \"embedded\" or \"checkpoint\", found \"elsewhere\"");
}

TEST_F(RefusedGolden, ACheckpointThatIsNotRecorded) {
  copy.attribute("/", "weights", "checkpoint");
  EXPECT_EQ(refusal(), "/checkpoint: expected a text, found none");
}

TEST_F(RefusedGolden, ACallThatContinuesAnother) {
  copy.attribute("/calls/001", "continues", std::int64_t{1});
  EXPECT_EQ(refusal(), "/calls/001: attribute continues: expected -1 or 0, found 1");
  copy.attribute("/calls/000", "continues", std::int64_t{0});
  EXPECT_EQ(refusal(), "/calls/000: attribute continues: expected -1, found 0");
}

TEST_F(RefusedGolden, ACallThatContinuesNoCache) {
  copy.attribute("/calls/000", "use_cache", std::int64_t{0});
  EXPECT_TRUE(refusal().starts_with("/calls/001/inputs: ")) << refusal();
}

TEST_F(RefusedGolden, AFlagThatIsNeitherZeroNorOne) {
  copy.attribute("/calls/000", "use_cache", std::int64_t{2});
  EXPECT_EQ(refusal(), "/calls/000: attribute use_cache: expected 0 or 1, found 2");
  copy.remove_attribute("/calls/000", "use_cache");
  EXPECT_EQ(refusal(), "/calls/000: attribute use_cache: expected an integer, found none");
}

TEST_F(RefusedGolden, IdsOutsideTheVocabulary) {
  for (const std::int64_t id : {std::int64_t{-1}, std::int64_t{1} << 40U}) {
    copy.edit<std::int64_t>("/calls/000/inputs/input_ids", [&](auto& ids) { ids[7] = id; });
    const std::string message = refusal();
    EXPECT_TRUE(message.starts_with("/calls/000/inputs: input_ids[1, 1]: expected 0 to ")) << message;
    EXPECT_TRUE(message.ends_with(", found " + std::to_string(id))) << message;
  }
}

TEST_F(RefusedGolden, IdsOfAnotherTypeOrRank) {
  const std::vector<std::byte> bytes(2 * 6 * 8);
  copy.dataset("/calls/000/inputs/input_ids", DType::f64, {2, 6}, bytes);
  EXPECT_EQ(refusal(), "/calls/000/inputs/input_ids: expected i64, found f64");
  copy.dataset("/calls/000/inputs/input_ids", DType::i64, {12}, bytes);
  EXPECT_EQ(refusal(), "/calls/000/inputs/input_ids: expected two axes, found [12]");
  copy.remove("/calls/000/inputs/input_ids");
  EXPECT_EQ(refusal(), "/calls/000/inputs: expected input_ids or inputs_embeds, found neither");
}

TEST_F(RefusedGolden, AMaskOfAnotherShape) {
  copy.dataset("/calls/000/inputs/attention_mask", DType::i64, {2, 7}, std::vector<std::byte>(2 * 7 * 8));
  EXPECT_EQ(refusal(), "/calls/000/inputs: attention_mask: expected [2, up to 6], found [2, 7]");
}

TEST_F(RefusedGolden, OneMissingSite) {
  copy.remove("/calls/001/truth/layers/001/q_proj");
  EXPECT_EQ(refusal(), "/calls/001/truth/layers/001/q_proj: expected [2, 1, 24] f64, found none");
}

TEST_F(RefusedGolden, OneMissingSiteOfTheFloat32Run) {
  copy.remove("/calls/000/hf32/logits");
  EXPECT_TRUE(refusal().starts_with("/calls/000/hf32/logits: expected [2, 6, ")) << refusal();
}

TEST_F(RefusedGolden, AMissingMargin) {
  copy.remove("/calls/000/truth/layers/000/router_margin");
  EXPECT_EQ(refusal(), "/calls/000/truth/layers/000/router_margin: expected [12] f64, found none");
}

TEST_F(RefusedGolden, ATruthThatOnlySomeCallsHave) {
  copy.remove("/calls/000/truth");
  const std::string message = refusal();
  EXPECT_TRUE(message.starts_with("expected every site of its config, found ")) << message;
  EXPECT_NE(message.find("/calls/000/truth/embed_out: expected [2, 6, 24] f64, found none"), std::string::npos);
}

TEST_F(RefusedGolden, AllThatIsWrongIsListedAtOnce) {
  copy.remove("/calls/000/truth/embed_out");
  copy.dataset("/calls/000/truth/layers/000/q_proj", DType::f64, {6, 2, 24}, std::vector<std::byte>(2 * 6 * 24 * 8));
  copy.dataset("/calls/001/hf32/layers/001/attn_visible", DType::i64, {2, 1, 7}, std::vector<std::byte>(2 * 7 * 8));
  EXPECT_EQ(refusal(),
            "expected every site of its config, found 3 wrong\n"
            "  /calls/000/truth/embed_out: expected [2, 6, 24] f64, found none\n"
            "  /calls/000/truth/layers/000/q_proj: expected [2, 6, 24] f64, found [6, 2, 24] f64\n"
            "  /calls/001/hf32/layers/001/attn_visible: expected [2, 1, 7] u8, found [2, 1, 7] i64");
}

TEST_F(RefusedGolden, OfVeryManyProblemsTheFirstTwentyAreListed) {
  copy.remove("/calls/001/hf32");
  const std::string message = refusal();
  EXPECT_EQ(std::ranges::count(message, '\n'), 21) << message;
  EXPECT_NE(message.find("\n  and "), std::string::npos);
}

TEST_F(RefusedGolden, ANanOrAnInfinityWhenItIsRead) {
  const ProbePoint logits{Site::logits, std::nullopt};
  copy.edit<double>("/calls/000/truth/logits", [](auto& values) { values[5] = nan; });
  EXPECT_EQ(refusal_of([&](const GoldenFile& golden) { (void)golden.values(CallIndex{0}, Values::truth, logits); }),
            "/calls/000/truth/logits: element 5: expected a finite number, found nan");
  copy.edit<float>("/calls/000/hf32/logits", [](auto& values) { values[0] = -std::numeric_limits<float>::infinity(); });
  EXPECT_EQ(refusal_of([&](const GoldenFile& golden) { (void)golden.values(CallIndex{0}, Values::hf32, logits); }),
            "/calls/000/hf32/logits: element 0: expected a finite number, found -inf");
}

TEST_F(RefusedGolden, ExpertsThatDoNotExistWhenTheyAreRead) {
  const ProbePoint experts{Site::router_experts, LayerIndex{1}};
  for (const std::int64_t expert : {8, -1}) {
    copy.edit<std::int64_t>("/calls/000/truth/layers/001/router_experts", [&](auto& values) { values[4] = expert; });
    EXPECT_EQ(
        refusal_of([&](const GoldenFile& golden) { (void)golden.integers(CallIndex{0}, Values::truth, experts); }),
        "/calls/000/truth/layers/001/router_experts: element 4: expected 0 to 7, found " + std::to_string(expert));
  }
}

TEST_F(RefusedGolden, AMaskOfTwosWhenItIsRead) {
  const ProbePoint visible{Site::attn_visible, LayerIndex{0}};
  copy.edit<std::uint8_t>("/calls/000/truth/layers/000/attn_visible", [](auto& values) { values[3] = 2; });
  EXPECT_EQ(refusal_of([&](const GoldenFile& golden) { (void)golden.integers(CallIndex{0}, Values::truth, visible); }),
            "/calls/000/truth/layers/000/attn_visible: element 3: expected 0 to 1, found 2");
}

TEST_F(RefusedGolden, AMarginBelowZeroWhenItIsRead) {
  for (const auto& [margin, text] : {std::pair(-1.0, "-1"), std::pair(nan, "nan")}) {
    copy.edit<double>("/calls/000/truth/layers/000/router_margin",
                      [margin = margin](auto& values) { values[2] = margin; });
    EXPECT_EQ(refusal_of([&](const GoldenFile& golden) { (void)golden.router_margin(CallIndex{0}, LayerIndex{0}); }),
              std::string(
                  "/calls/000/truth/layers/000/router_margin: element 2: expected a finite number from 0 up, found ") +
                  text);
  }
}

TEST_F(RefusedGolden, EmbeddedWeightsThatAreMissingExtraMisshapedAndMistypedAreListedAtOnce) {
  copy.move("/weights/model.norm.weight", "/weights/model.gnorm.weight");
  copy.dataset("/weights/lm_head.weight", DType::f32, {3, 5}, std::vector<std::byte>(60));
  copy.dataset("/weights/model.layers.0.input_layernorm.weight", DType::i64, {24}, std::vector<std::byte>(24 * 8));
  EXPECT_EQ(refusal_of([](const GoldenFile& golden) {
              const golden::EmbeddedWeights weights(golden);
              (void)resolve_weights(golden.config(), weights);
            }),
            "4 tensors are not as the granitemoe config says:\n"
            "  model.layers.0.input_layernorm.weight: expected [24] f64, f32, f16 or bf16, found [24] i64 (" +
                copy.file() +
                ")\n"
                "  model.norm.weight: expected [24], found nothing\n"
                "  lm_head.weight: expected [31, 24] f64, f32, f16 or bf16, found [3, 5] f32 (" +
                copy.file() +
                ")\n"
                "  model.gnorm.weight: expected no such tensor, found [24] bf16 (" +
                copy.file() + ")");
}

TEST(GoldenFileOfADump, NamesNoSiteThatThereIsNot) {
  GoldenCopy copy("granitemoe_prefill");
  copy.attribute("/", "kind", "dump");
  copy.attribute("/", "engine", "other");
  copy.attribute("/", "precision", "f32");
  copy.attribute("/", "not_provided", "attn_probs, logits");
  EXPECT_EQ(GoldenFile(copy.path()).not_provided(), (std::vector<Site>{Site::attn_probs, Site::logits}));
  copy.attribute("/", "not_provided", "attn_probs, q_porj");
  EXPECT_EQ(error_of([&] { GoldenFile dump(copy.path()); }),
            copy.file() + ": attribute not_provided: expected names of sites, found \"q_porj\"");
}

}  // namespace
}  // namespace assay::test
