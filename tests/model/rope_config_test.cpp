// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The resolution of rope_scaling and rope_parameters; expected values are those of transformers 5.23.0.
#include <gtest/gtest.h>

#include "model/config/config.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"

namespace assay {
namespace {

using test::with;

TransformerConfig granite(std::string_view members) {
  return common(parse_config(with(test::granite_moe_text(), members), "c"));
}
TransformerConfig phimoe(std::string_view members) {
  return common(parse_config(with(test::phimoe_text(), members), "c"));
}
std::string complaint(std::string_view members) {
  return test::error_of([&] { (void)parse_config(with(test::granite_moe_text(), members), "config.json"); });
}
std::string phimoe_complaint(std::string_view members) {
  return test::error_of([&] { (void)parse_config(with(test::phimoe_text(), members), "config.json"); });
}

// The head size of the test configs is 8: four pairs.
constexpr std::string_view longrope =
    R"("rope_type": "longrope", "short_factor": [1, 1.5, 2.0, 2.5], "long_factor": [3.0, 4.0, 5.0, 6.0])";
constexpr std::string_view mscales = R"("short_mscale": 1.25, "long_mscale": 1.5)";

std::string scaling(std::string_view members) { return "\"rope_scaling\": {" + std::string(members) + "}"; }

TEST(RopeConfig, ReadsThetaFromTheTopLevelAndFromTheDictionary) {
  EXPECT_EQ(granite(R"("rope_theta": 500)").rope.rope_theta, 500.0);
  EXPECT_EQ(granite(R"("rope_parameters": {"rope_theta": 7.5})").rope.rope_theta, 7.5);
  const TransformerConfig both = granite(R"("rope_parameters": {"rope_theta": 7.5}, "rope_theta": 500)");
  EXPECT_EQ(both.rope.rope_theta, 7.5);
  EXPECT_EQ(both.ignored_keys, (std::vector<std::string>{"rope_theta"}));
}

TEST(RopeConfig, PrefersRopeScalingUnlessItSaysNothing) {
  const std::string parameters = R"("rope_parameters": {"rope_theta": 7.5})";
  const TransformerConfig both = granite(parameters + R"(, "rope_scaling": {"type": "linear", "factor": 2})");
  EXPECT_EQ(both.rope.type, RopeType::linear);
  EXPECT_EQ(both.rope.rope_theta, 1e4);
  EXPECT_EQ(both.ignored_keys, (std::vector<std::string>{"rope_parameters"}));
  EXPECT_EQ(granite(parameters + R"(, "rope_scaling": {})").rope.rope_theta, 7.5);
  EXPECT_EQ(granite(parameters + R"(, "rope_scaling": null)").rope.rope_theta, 7.5);
}

TEST(RopeConfig, PrefersTheNewKeyOfTheType) {
  EXPECT_EQ(granite(scaling(R"("type": "dynamic", "rope_type": "linear", "factor": 2.0)")).rope.type, RopeType::linear);
  EXPECT_EQ(granite(scaling(R"("type": "dynamic", "factor": 2.0)")).rope.type, RopeType::dynamic);
}

TEST(RopeConfig, NamesATypeThatItDoesNotKnow) {
  EXPECT_EQ(
      complaint(scaling(R"("type": "su")")),
      "config.json: rope_scaling.type: expected default, linear, dynamic, yarn, longrope, llama3 or proportional, "
      "found \"su\" (a string)");
}

TEST(RopeConfig, RefusesADictionaryThatIsNone) {
  EXPECT_EQ(complaint(R"("rope_scaling": "x")"),
            "config.json: rope_scaling: expected an object or null, found \"x\" (a string)");
  EXPECT_EQ(complaint(R"("rope_parameters": [])"),
            "config.json: rope_parameters: expected an object or null, found a list of 0");
}

TEST(RopeConfig, RefusesAThetaThatIsNoBase) {
  EXPECT_EQ(complaint(R"("rope_theta": null)"), "config.json: rope_theta: expected a finite number, found null");
  EXPECT_EQ(complaint(R"("rope_theta": 0)"),
            "config.json: rope_theta: expected a positive number, found 0 (an integer)");
  EXPECT_EQ(complaint(R"("rope_parameters": {"rope_theta": "5"})"),
            "config.json: rope_parameters.rope_theta: expected a finite number, found \"5\" (a string)");
}

TEST(RopeConfig, RefusesAMissingFactor) {
  for (const std::string_view type : {"linear", "dynamic", "llama3"}) {
    EXPECT_EQ(complaint(scaling("\"type\": \"" + std::string(type) + "\"")),
              "config.json: rope_scaling.factor: expected a finite number, found nothing");
  }
  EXPECT_EQ(complaint(scaling(R"("type": "yarn")")),
            "config.json: rope_scaling.factor: expected a finite number or null, found nothing");
  EXPECT_EQ(complaint(scaling(R"("type": "linear", "factor": null)")),
            "config.json: rope_scaling.factor: expected a finite number, found null");
}

TEST(RopeConfig, TakesAFactorThatTransformersOnlyWarnsAbout) {
  EXPECT_EQ(granite(scaling(R"("type": "linear", "factor": 0.5)")).rope.factor, 0.5);
}

TEST(RopeConfig, ReadsYarn) {
  const RopeConfig rope =
      granite(scaling(R"("type": "yarn", "factor": null, "attention_factor": 1, "beta_fast": 0, "beta_slow": 2,
                         "mscale": 0.7, "mscale_all_dim": 0.0, "truncate": false)"))
          .rope;
  EXPECT_EQ(rope.factor, std::nullopt);
  EXPECT_EQ(rope.attention_factor, 1.0);
  EXPECT_EQ(rope.beta_fast, std::nullopt) << "a zero asks for the default";
  EXPECT_EQ(rope.beta_slow, 2.0);
  EXPECT_EQ(rope.mscale, 0.7);
  EXPECT_EQ(rope.mscale_all_dim, 0.0);
  EXPECT_EQ(rope.truncate, false);
  EXPECT_EQ(rope.original_max_position_embeddings, 64.0);
}

TEST(RopeConfig, ReadsLlama3) {
  const RopeConfig rope =
      granite(scaling(R"("rope_type": "llama3", "factor": 8, "low_freq_factor": 1.0, "high_freq_factor": 4.0)")).rope;
  EXPECT_EQ(rope.factor, 8.0);
  EXPECT_EQ(rope.low_freq_factor, 1.0);
  EXPECT_EQ(rope.high_freq_factor, 4.0);
  EXPECT_EQ(rope.original_max_position_embeddings, 64.0);
  EXPECT_EQ(complaint(scaling(R"("rope_type": "llama3", "factor": 8, "high_freq_factor": 4.0)")),
            "config.json: rope_scaling.low_freq_factor: expected a finite number, found nothing");
}

TEST(RopeConfig, ReadsLongrope) {
  const RopeConfig rope = granite(scaling(longrope)).rope;
  EXPECT_EQ(rope.short_factor, (std::vector<double>{1.0, 1.5, 2.0, 2.5}));
  EXPECT_EQ(rope.long_factor, (std::vector<double>{3.0, 4.0, 5.0, 6.0}));
  EXPECT_EQ(granite(scaling(R"("type": "longrope", "short_factor": [2], "long_factor": [3])")).rope.long_factor,
            (std::vector<double>(4, 3.0)))
      << "torch broadcasts a list of one";
}

TEST(RopeConfig, RefusesLongropeFactorsThatDoNotFitTheHead) {
  EXPECT_EQ(complaint(scaling(std::string(longrope) + R"(, "long_factor": [1.0, 2.0, 3.0])")),
            "config.json: rope_scaling.long_factor: expected a list of 4 numbers, found a list of 3");
  EXPECT_EQ(complaint(scaling(std::string(longrope) + R"(, "short_factor": [1, 2, "x", 4])")),
            "config.json: rope_scaling.short_factor: expected a list of 4 numbers, found a list with \"x\" (a string)");
  EXPECT_EQ(complaint(scaling(R"("type": "longrope", "short_factor": [1, 2, 3, 4])")),
            "config.json: rope_scaling.long_factor: expected a list of 4 numbers, found nothing");
}

TEST(RopeConfig, ReadsProportional) {
  EXPECT_EQ(granite(scaling(R"("type": "proportional", "partial_rotary_factor": 0.5)")).rope.partial_rotary_factor,
            0.5);
  EXPECT_EQ(
      granite(scaling(R"("type": "proportional")") + R"(, "partial_rotary_factor": 0.25)").rope.partial_rotary_factor,
      0.25);
}

TEST(RopeConfig, RefusesAPartialRotationThatBreaksTheShape) {
  EXPECT_EQ(complaint(scaling(R"("type": "linear", "factor": 2)") + R"(, "partial_rotary_factor": 0.5)"),
            "config.json: partial_rotary_factor: expected 1 with rope type linear, found 0.5 (a float)");
  EXPECT_EQ(granite(scaling(R"("type": "linear", "factor": 2)") + R"(, "partial_rotary_factor": 1.0)").rope.type,
            RopeType::linear);
}

TEST(RopeConfig, ReportsAPartialRotationThatDefaultRopeIgnores) {
  EXPECT_EQ(granite(R"("partial_rotary_factor": 0.5)").ignored_keys,
            (std::vector<std::string>{"partial_rotary_factor"}));
}

TEST(RopeConfig, ReportsKeysThatTheTypeDoesNotKnow) {
  EXPECT_EQ(granite(scaling(R"("type": "linear", "factor": 2, "beta_fast": 3)")).ignored_keys,
            (std::vector<std::string>{"rope_scaling.beta_fast"}));
}

TEST(RopeConfig, RefusesARopeForEachLayerType) {
  EXPECT_EQ(complaint(R"("rope_parameters": {"full_attention": {"rope_theta": 5.0}})"),
            "config.json: rope_parameters.full_attention: expected a number: a rope for each layer type is not "
            "supported, found an object");
}

constexpr std::string_view top_level = R"(, "original_max_position_embeddings": 16)";
constexpr std::string_view inside = R"(, "original_max_position_embeddings": 32)";

TEST(RopeConfig, LetsTheTopLevelOriginalLengthWinInGranite) {
  const std::string yarn = R"("type": "yarn", "factor": 2.0)";
  EXPECT_EQ(granite(scaling(yarn)).rope.original_max_position_embeddings, 64.0);
  EXPECT_EQ(granite(scaling(yarn + std::string(inside))).rope.original_max_position_embeddings, 32.0);
  EXPECT_EQ(granite(scaling(yarn) + std::string(top_level)).rope.original_max_position_embeddings, 16.0);
  EXPECT_EQ(granite(scaling(yarn + std::string(inside)) + std::string(top_level)).rope.original_max_position_embeddings,
            16.0);
}

TEST(RopeConfig, LetsTheInnerOriginalLengthWinInPhimoe) {
  const std::string own = std::string(longrope) + ", " + std::string(mscales);
  EXPECT_EQ(phimoe(scaling(own)).rope.original_max_position_embeddings, 64.0);
  EXPECT_EQ(phimoe(scaling(own + std::string(inside)) + std::string(top_level)).rope.original_max_position_embeddings,
            32.0);
  const TransformerConfig ignored = phimoe(scaling(own) + std::string(top_level));
  EXPECT_EQ(ignored.rope.original_max_position_embeddings, 64.0);
  EXPECT_EQ(ignored.ignored_keys, (std::vector<std::string>{"original_max_position_embeddings"}));
}

TEST(RopeConfig, RefusesANullOriginalLength) {
  EXPECT_EQ(complaint(scaling(R"("type": "yarn", "factor": 2.0, "original_max_position_embeddings": null)") +
                      std::string(top_level)),
            "config.json: rope_scaling.original_max_position_embeddings: expected a finite number, found null");
  EXPECT_EQ(complaint(scaling(std::string(longrope) + R"(, "original_max_position_embeddings": 1)")),
            "config.json: rope_scaling.original_max_position_embeddings: expected 2 or more, found 1 (an integer)");
}

TEST(RopeConfig, WantsMscalesForEveryScaledRopeOfPhimoe) {
  const RopeConfig rope = phimoe(scaling(std::string(longrope) + ", " + std::string(mscales))).rope;
  EXPECT_EQ(rope.short_mscale, 1.25);
  EXPECT_EQ(rope.long_mscale, 1.5);
  EXPECT_EQ(phimoe_complaint(scaling(longrope)),
            "config.json: rope_scaling.short_mscale: expected a finite number, found nothing");
}

TEST(RopeConfig, WantsAnOriginalLengthForEveryScaledRopeOfPhimoe) {
  const std::string linear = R"("type": "linear", "factor": 2, )" + std::string(mscales);
  EXPECT_EQ(phimoe(scaling(linear + std::string(inside))).rope.original_max_position_embeddings, 32.0);
  EXPECT_EQ(phimoe_complaint(scaling(linear) + std::string(top_level)),
            "config.json: rope_scaling.original_max_position_embeddings: expected a finite number, found nothing");
}

TEST(RopeConfig, ReadsThePublishedPhi35Scaling) {
  const RopeConfig rope = phimoe(R"("rope_theta": 10000.0, "original_max_position_embeddings": 4096,
      "max_position_embeddings": 131072, "rope_scaling": {"type": "longrope", "original_max_position_embeddings": 4096,
      "short_factor": [1.0, 1.04, 1.04, 1.04], "long_factor": [1.01, 1.02, 1.03, 1.04],
      "short_mscale": 1.243163121016122, "long_mscale": 1.243163121016122})")
                              .rope;
  EXPECT_EQ(rope.type, RopeType::longrope);
  EXPECT_EQ(rope.rope_theta, 1e4);
  EXPECT_EQ(rope.original_max_position_embeddings, 4096.0);
  EXPECT_EQ(rope.short_mscale, 1.243163121016122);
}

}  // namespace
}  // namespace assay
