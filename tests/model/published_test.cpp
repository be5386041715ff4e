// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model/config/manifest.hpp"
#include "model/published/shapes.hpp"
#include "tests/support/error_of.hpp"

namespace assay {
namespace {

using test::error_of;

Config shape(std::string_view name, std::optional<std::size_t> layers = std::nullopt) {
  return parse_config(published_config(name, layers, DType::bf16), std::string(name));
}

TEST(PublishedShapes, AreConfigsThatAreRead) {
  EXPECT_EQ(published_names().size(), 20);
  for (const std::string& name : published_names()) EXPECT_GT(parameter_count(shape(name)), 300'000'000U) << name;
}

TEST(PublishedShapes, HaveTheParametersThatTheirNamesSay) {
  // Embedding and final norm; in each of 24 layers attention, 32 experts, router and two norms.
  const std::size_t layer = 3 * 1024 * 1024 + 32 * (1024 * 1024 + 1024 * 512) + 32 * 1024 + 2 * 1024;
  EXPECT_EQ(parameter_count(shape("granite-3.0-1b-a400m-base")), 49152U * 1024 + 1024 + 24 * layer);
}

TEST(PublishedShapes, WithoutTheirEndingAreTheBaseModel) {
  EXPECT_EQ(published_config("granite-3.0-1b-a400m", {}, DType::f32),
            published_config("granite-3.0-1b-a400m-base", {}, DType::f32));
  EXPECT_EQ(common(shape("Phi-mini-MoE")).hidden_size, 4096U);
}

TEST(PublishedShapes, OfFewerLayersKeepBothKindsOfAHybrid) {
  const auto config = std::get<GraniteMoeHybridConfig>(shape("granite-4.0-h-tiny", 3));
  EXPECT_EQ(config.layer_types, (std::vector{MixerKind::mamba, MixerKind::mamba, MixerKind::attention}));
}

TEST(PublishedShapes, AnswerAnUnknownNameWithTheKnownOnes) {
  const std::string error = error_of([] { static_cast<void>(shape("granite-3.0-1b-a400")); });
  EXPECT_TRUE(error.starts_with("--like: expected one of Phi-3.5-MoE-instruct, ")) << error;
  EXPECT_NE(error.find("found \"granite-3.0-1b-a400\"; nearest: granite-3.0-1b-a400m-base"), std::string::npos)
      << error;
}

TEST(PublishedShapes, HaveNoMoreLayersThanTheyHave) {
  EXPECT_EQ(error_of([] { static_cast<void>(shape("granite-4.0-h-350m", 33)); }),
            "--layers: expected 1 to 32, found 33");
  EXPECT_EQ(error_of([] { static_cast<void>(shape("granite-4.0-h-350m", 0)); }), "--layers: expected 1 to 32, found 0");
}

}  // namespace
}  // namespace assay
