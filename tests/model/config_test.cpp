// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What parse_config does alike for every architecture.
#include "model/config/config.hpp"

#include <gtest/gtest.h>

#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"

namespace assay {
namespace {

using test::with;

std::string complaint(const std::string& text) {
  return test::error_of([&] { (void)parse_config(text, "config.json"); });
}

const std::vector<std::string>& ignored(const Config& config) { return common(config).ignored_keys; }

TEST(Config, KnowsTheFourModelTypes) {
  EXPECT_EQ(model_type(parse_config(test::granite_moe_text(), "c")), "granitemoe");
  EXPECT_EQ(model_type(parse_config(test::granite_moe_shared_text(), "c")), "granitemoeshared");
  EXPECT_EQ(model_type(parse_config(test::granite_moe_hybrid_text(), "c")), "granitemoehybrid");
  EXPECT_EQ(model_type(parse_config(test::phimoe_text(), "c")), "phimoe");
}

TEST(Config, ListsTheFourWhereTheModelTypeIsAnother) {
  EXPECT_EQ(complaint(R"({"model_type": "llama"})"),
            "config.json: model_type: expected granitemoe, granitemoeshared, granitemoehybrid or phimoe, "
            "found \"llama\" (a string)");
  EXPECT_EQ(
      complaint("{}"),
      "config.json: model_type: expected granitemoe, granitemoeshared, granitemoehybrid or phimoe, found nothing");
}

TEST(Config, RefusesATextThatIsNotAnObject) {
  EXPECT_EQ(complaint("[1, 2]"), "config.json: expected an object, found a list of 2");
  EXPECT_EQ(complaint("{"), "config.json: line 1, column 2: not valid JSON: incomplete JSON");
}

TEST(Config, RefusesAByteOrderMarkAsPythonDoes) {
  EXPECT_NE(complaint("\xEF\xBB\xBF" + test::phimoe_text()).find("config.json: line 1, column 1: not valid JSON"),
            std::string::npos);
}

TEST(Config, SortsTheKeysThatAreKeptAndIgnored) {
  const Config config = parse_config(
      with(test::granite_moe_text(), R"("normalization_function": "rmsnorm", "init_method": "mup", "mlp_bias": false)"),
      "c");
  EXPECT_EQ(ignored(config), (std::vector<std::string>{"init_method", "mlp_bias", "normalization_function"}));
}

TEST(Config, DoesNotCountTheKeysOfEveryConfigAsIgnored) {
  const Config config = parse_config(
      with(test::granite_moe_text(),
           R"("architectures": ["GraniteMoeForCausalLM"], "transformers_version": "4.46.0", "torch_dtype": "bfloat16",
              "pad_token_id": 0, "id2label": {"0": "a"}, "problem_type": null, "use_cache": true, "top_k": 50,
              "_name_or_path": "x", "attention_dropout": 0.1)"),
      "c");
  EXPECT_TRUE(ignored(config).empty());
}

TEST(Config, RefusesWhatAnIntegerFieldOfTransformersRefuses) {
  const std::string expected = "config.json: vocab_size: expected an integer from 1 to 2147483647, found ";
  const auto found = [](std::string_view value) {
    return complaint(with(test::granite_moe_text(), "\"vocab_size\": " + std::string(value)));
  };
  EXPECT_EQ(found("\"97\""), expected + "\"97\" (a string)");
  EXPECT_EQ(found("97.0"), expected + "97.0 (a float)");
  EXPECT_EQ(found("null"), expected + "null");
  EXPECT_EQ(found("true"), expected + "true");
  EXPECT_EQ(found("[97]"), expected + "a list of 1");
  EXPECT_EQ(found("0"), expected + "0 (an integer)");
  EXPECT_EQ(found("-97"), expected + "-97 (an integer)");
  EXPECT_EQ(found("2147483648"), expected + "2147483648 (an integer)");
  EXPECT_EQ(found("18446744073709551615"), expected + "18446744073709551615 (an integer)");
}

TEST(Config, RefusesAnIntegerWhereTransformersDeclaresAFloat) {
  EXPECT_EQ(complaint(with(test::phimoe_text(), "\"rms_norm_eps\": 1")),
            "config.json: rms_norm_eps: expected a finite float, with a decimal point, found 1 (an integer)");
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"initializer_range\": 0")),
            "config.json: initializer_range: expected a finite float, with a decimal point, found 0 (an integer)");
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"router_aux_loss_coef\": 0")),
            "config.json: router_aux_loss_coef: expected a finite float, with a decimal point, found 0 (an integer)");
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"rms_norm_eps\": Infinity")),
            "config.json: rms_norm_eps: expected a finite float, with a decimal point, found Infinity (a float)");
}

TEST(Config, RefusesAnythingButTrueAndFalseForAFlag) {
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"use_cache\": 1")),
            "config.json: use_cache: expected true or false, found 1 (an integer)");
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"tie_word_embeddings\": null")),
            "config.json: tie_word_embeddings: expected true or false, found null");
}

TEST(Config, RefusesHeadsThatDoNotShareEvenly) {
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"num_key_value_heads\": 4")),
            "config.json: num_key_value_heads: expected a divisor of num_attention_heads = 6, found 4");
}

TEST(Config, RefusesMoreChosenExpertsThanThereAre) {
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"num_experts_per_tok\": 10")),
            "config.json: num_experts_per_tok: expected at most num_local_experts = 9, found 10");
}

TEST(Config, TakesAHeadSizeOfItsOwn) {
  EXPECT_EQ(common(parse_config(with(test::phimoe_text(), "\"head_dim\": 10"), "c")).head_dim, 10U);
  EXPECT_EQ(common(parse_config(test::phimoe_text(), "c")).head_dim, std::nullopt);
}

TEST(Config, TakesAHiddenSizeThatTheHeadsDoNotDivide) {
  EXPECT_EQ(common(parse_config(with(test::granite_moe_text(), "\"hidden_size\": 50"), "c")).hidden_size, 50U);
}

TEST(Config, RefusesAnOddHeadSize) {
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"head_dim\": 7")),
            "config.json: head_dim: expected an even head size, found 7");
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"hidden_size\": 42")),
            "config.json: head_dim: expected an even head size, found 7");
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"head_dim\": null")),
            "config.json: head_dim: expected an integer from 1 to 2147483647, found null");
}

TEST(Config, RefusesAHiddenSizeBelowTheNumberOfHeads) {
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"hidden_size\": 5")),
            "config.json: hidden_size: expected at least num_attention_heads = 6, found 5");
}

TEST(Config, ReadsTokenIdsInAllTheirForms) {
  const TransformerConfig list =
      common(parse_config(with(test::granite_moe_text(), R"("eos_token_id": [3, 5], "pad_token_id": 0)"), "c"));
  EXPECT_EQ(list.eos_token_id, (std::vector<std::int64_t>{3, 5}));
  EXPECT_EQ(list.pad_token_id, 0);
  EXPECT_EQ(list.bos_token_id, 1);
  const TransformerConfig nulls =
      common(parse_config(with(test::granite_moe_text(), R"("eos_token_id": null, "bos_token_id": null)"), "c"));
  EXPECT_TRUE(nulls.eos_token_id.empty());
  EXPECT_EQ(nulls.bos_token_id, std::nullopt);
  EXPECT_EQ(nulls.pad_token_id, std::nullopt);
}

TEST(Config, RefusesAnEndTokenThatIsNoToken) {
  EXPECT_EQ(
      complaint(with(test::granite_moe_text(), R"("eos_token_id": [3, "x"])")),
      "config.json: eos_token_id: expected an integer, a list of integers or null, found a list with \"x\" (a string)");
}

TEST(Config, RefusesAPadTokenThatTheEmbeddingCannotHave) {
  EXPECT_EQ(complaint(with(test::granite_moe_text(), "\"pad_token_id\": 97")),
            "config.json: pad_token_id: expected a token of the vocabulary of 97, found 97 (an integer)");
  EXPECT_EQ(common(parse_config(with(test::granite_moe_text(), "\"pad_token_id\": -1"), "c")).pad_token_id, -1);
}

TEST(Config, ReadsTheDtypeUnderBothKeys) {
  const auto dtype = [](std::string_view members) {
    return common(parse_config(with(test::granite_moe_text(), members), "c")).torch_dtype;
  };
  EXPECT_EQ(dtype(R"("torch_dtype": "bfloat16")"), "bfloat16");
  EXPECT_EQ(dtype(R"("torch_dtype": "bfloat16", "dtype": "float32")"), "float32");
  EXPECT_EQ(dtype(R"("torch_dtype": "bfloat16", "dtype": null)"), "bfloat16");
  EXPECT_EQ(dtype(R"("use_cache": true)"), "");
  EXPECT_EQ(complaint(with(test::granite_moe_text(), R"("dtype": "auto")")),
            "config.json: dtype: expected a floating-point dtype of torch, found \"auto\" (a string)");
}

TEST(Config, RefusesAnUnknownActivation) {
  EXPECT_EQ(common(parse_config(with(test::granite_moe_text(), R"("hidden_act": "relu")"), "c")).hidden_act,
            Activation::relu);
  EXPECT_EQ(
      complaint(with(test::granite_moe_text(), R"("hidden_act": "sillu")")),
      "config.json: hidden_act: expected an activation of transformers, such as \"silu\", found \"sillu\" (a string)");
}

TEST(Config, RefusesQuantisedAndHeterogeneousModels) {
  EXPECT_EQ(complaint(with(test::granite_moe_text(), R"("quantization_config": {"bits": 4})")),
            "config.json: quantization_config: expected none (not supported), found an object");
  EXPECT_EQ(complaint(with(test::granite_moe_text(), R"("per_layer_config": {"0": {}})")),
            "config.json: per_layer_config: expected none (not supported), found an object");
}

TEST(Config, RefusesSizesWhoseProductIsAbsurd) {
  EXPECT_EQ(complaint(with(test::granite_moe_text(), R"("vocab_size": 2147483647, "hidden_size": 6000000)")),
            "config.json: vocab_size * hidden_size: expected at most 1099511627776 in all, found more");
  EXPECT_EQ(complaint(with(test::phimoe_text(), R"("num_hidden_layers": 100000, "num_local_experts": 100000)")),
            "config.json: num_hidden_layers * num_local_experts: expected at most 1048576 in all, found more");
  EXPECT_EQ(
      complaint(with(test::granite_moe_hybrid_text(), R"("mamba_d_state": 2147483647, "mamba_n_groups": 12)")),
      "config.json: mamba_n_groups * mamba_d_state * hidden_size: expected at most 1099511627776 in all, found more");
}

}  // namespace
}  // namespace assay
