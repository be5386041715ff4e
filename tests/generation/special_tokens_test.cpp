// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/special_tokens.hpp"

#include <gtest/gtest.h>

#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/temporary_folder.hpp"

namespace assay::generation {
namespace {

using Ids = std::vector<std::int64_t>;

SpecialTokens parse(std::string_view text) { return parse_generation_config(text, "generation_config.json"); }

TEST(SpecialTokens, PadWithTheFirstEndOfTextWhereThereIsNoPad) {
  EXPECT_EQ((SpecialTokens{{4, 5}, std::nullopt}).pad(), 4);
  EXPECT_EQ((SpecialTokens{{4, 5}, 6}).pad(), 6);
  EXPECT_EQ((SpecialTokens{{}, 6}).pad(), 6);
  EXPECT_EQ(SpecialTokens{}.pad(), std::nullopt);
}

TEST(GenerationConfig, HasOneEndOfTextOrSeveralOrNone) {
  EXPECT_EQ(parse(R"({"eos_token_id": 7, "pad_token_id": 3})").eos_token_id, (Ids{7}));
  EXPECT_EQ(parse(R"({"eos_token_id": [7, 8]})").eos_token_id, (Ids{7, 8}));
  EXPECT_EQ(parse(R"({"eos_token_id": null, "temperature": 0.5})").eos_token_id, Ids{});
  EXPECT_EQ(parse(R"({"eos_token_id": 7, "pad_token_id": 3})").pad_token_id, 3);
  EXPECT_EQ(parse(R"({"pad_token_id": null})").pad_token_id, std::nullopt);
}

TEST(GenerationConfig, ThatHoldsOtherThingsIsRefused) {
  const auto refusal = [](std::string_view text) { return test::error_of([&] { (void)parse(text); }); };
  EXPECT_EQ(refusal(R"({"eos_token_id": "x"})"),
            "generation_config.json: eos_token_id: expected token ids, found \"x\"");
  EXPECT_EQ(refusal(R"({"eos_token_id": [1, 2.5]})"),
            "generation_config.json: eos_token_id: expected token ids, found 2.5E0");
  EXPECT_EQ(refusal(R"({"pad_token_id": [1, 2]})"), "generation_config.json: pad_token_id: expected one id, found 2");
  EXPECT_EQ(refusal("[]"), "generation_config.json: expected an object, found another value");
  EXPECT_NE(refusal("{").find("generation_config.json"), std::string::npos);
}

TEST(GenerationConfig, BesideTheModelReplacesItsConfig) {
  const test::TemporaryFolder folder;
  const Config config =
      parse_config(test::with(test::granite_moe_text(), R"("eos_token_id": 5, "pad_token_id": 6)"), "config.json");
  EXPECT_EQ(special_tokens(folder.path(), config).eos_token_id, (Ids{5}));
  EXPECT_EQ(special_tokens(folder.path(), config).pad(), 6);
  folder.add("generation_config.json", R"({"eos_token_id": [8]})");
  EXPECT_EQ(special_tokens(folder.path(), config).eos_token_id, (Ids{8}));
  EXPECT_EQ(special_tokens(folder.path(), config).pad(), 8) << "not the pad of config.json";
}

}  // namespace
}  // namespace assay::generation
