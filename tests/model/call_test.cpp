// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a call may not ask for: a row for each message.
#include "model/call.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/owned_call.hpp"

namespace assay::test {
namespace {

/// 97 tokens in the vocabulary, 48 wide.
const std::string granite = granite_moe_text();
const std::string hybrid = granite_moe_hybrid_text();
const std::string phimoe = phimoe_text();
const std::string only_mamba = with(hybrid, R"("layer_types": ["mamba", "mamba", "mamba"])");
const std::string dense = with(hybrid, R"("num_local_experts": 0, "num_experts_per_tok": 0)");
const std::string bare = with(granite, R"("architectures": ["GraniteMoeModel"])");
const std::string classification =
    with(phimoe, R"("architectures": ["PhimoeForSequenceClassification"], "pad_token_id": 0, "num_labels": 3)");

std::string of_type(std::string_view problem_type) {
  return with(classification, "\"problem_type\": \"" + std::string(problem_type) + "\"");
}

const Rows ids{{1, 2, 3}, {4, 5, 6}};
const Rows one_row{{1, 2, 3, 4, 5}};
constexpr Past nothing{};
constexpr Past five_tokens{2, 5};

Tensor<float, 3> embeds(float value = 0.0F, std::size_t width = 48) {
  Tensor<float, 3> tensor({2, 3, width});
  tensor(1, 2, width - 1) = value;
  return tensor;
}

OwnedPackedSequences changed(const std::function<void(OwnedPackedSequences&)>& change) {
  OwnedPackedSequences packed = packed_sequences({2, 3});
  change(packed);
  return packed;
}

const PastKeyValues no_layers{5, {}};

struct Refused {
  std::string name;
  std::string config;
  Past past;
  OwnedCall call;
  std::string message;  ///< after "call 7: "
};

const std::vector<Refused>& refused_calls() {
  static const std::vector<Refused> calls{
      // Tokens
      {"BothIdsAndEmbeds", granite, nothing, {.input_ids = ids, .inputs_embeds = embeds()},
       "expected input_ids or inputs_embeds, found both"},
      {"NeitherIdsNorEmbeds", granite, nothing, {}, "input_ids: expected at least one token, found [0, 0]"},
      {"EmbedsOfAnotherWidth", granite, nothing, {.inputs_embeds = embeds(0.0F, 47)},
       "inputs_embeds: expected [batch, tokens, 48] with at least one token, found [2, 3, 47]"},
      {"EmbedsThatAreNoNumbers", granite, nothing,
       {.inputs_embeds = embeds(std::numeric_limits<float>::quiet_NaN())},
       "inputs_embeds: expected finite numbers, found nan"},
      {"AnIdOutside", granite, nothing, {.input_ids = {{1, 2}, {3, 97}}},
       "input_ids[1, 1]: expected 0 to 96 (vocab_size 97), found 97"},
      {"ANegativeId", granite, nothing, {.input_ids = {{-1}}},
       "input_ids[0, 0]: expected 0 to 96 (vocab_size 97), found -1"},
      // The cache
      {"ACacheWithoutAttention", only_mamba, nothing, {.input_ids = ids, .use_cache = true},
       "use_cache: expected 0 in a hybrid without attention layers, found 1"},
      {"ACacheOfNothing", with(phimoe, R"("sliding_window": 1)"), nothing, {.input_ids = ids, .use_cache = true},
       "use_cache: expected 0 with a sliding_window of 1, found 1"},
      {"NothingToContinue", granite, nothing, {.input_ids = ids, .use_cache = true, .continues = true},
       "expected a cache to continue, found none"},
      {"ToContinueAndNotKeep", granite, five_tokens, {.input_ids = ids, .continues = true},
       "expected use_cache 1 in a call that continues a cache, found 0"},
      {"ToContinueAnotherBatch", granite, five_tokens, {.input_ids = {{1}}, .use_cache = true, .continues = true},
       "input_ids: expected batch 2 as in the cache, found 1"},
      {"TwoCaches", granite, five_tokens,
       {.input_ids = ids, .use_cache = true, .continues = true, .past_key_values = &no_layers},
       "past_key_values: expected none in a call that continues a cache, found one"},
      {"ACacheGivenAndNotKept", granite, nothing, {.input_ids = ids, .past_key_values = &no_layers},
       "expected use_cache 1 in a call with past_key_values, found 0"},
      {"ACacheOfAnotherModel", granite, nothing,
       {.input_ids = ids, .use_cache = true, .past_key_values = &no_layers},
       "past_key_values: expected 3 layers, found 0"},
      // Mask and positions
      {"AMaskOfAnotherBatch", granite, nothing, {.input_ids = ids, .attention_mask = {{1, 1, 1}}},
       "attention_mask: expected [2, up to 3], found [1, 3]"},
      {"AMaskTooWide", granite, five_tokens,
       {.input_ids = {{1}, {2}},
        .attention_mask = {{1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1}},
        .use_cache = true,
        .continues = true},
       "attention_mask: expected [2, up to 6], found [2, 7]"},
      {"AMaskTooNarrowForMamba", hybrid, nothing, {.input_ids = ids, .attention_mask = {{1, 1}, {1, 1}}},
       "attention_mask: expected at least 3 columns for the Mamba layers, found 2"},
      {"AMaskOfOtherNumbers", granite, nothing, {.input_ids = ids, .attention_mask = {{1, 1, 1}, {1, 2, 1}}},
       "attention_mask: expected only 0 and 1, found 2"},
      {"PositionsOfAnotherBatch", granite, nothing,
       {.input_ids = ids, .position_ids = {{0, 1, 2}, {0, 1, 2}, {0, 1, 2}}},
       "position_ids: expected [1 or 2, 3], found [3, 3]"},
      {"PositionsOfAnotherLength", granite, nothing, {.input_ids = ids, .position_ids = {{0, 1}}},
       "position_ids: expected [1 or 2, 3], found [1, 2]"},
      {"ANegativePosition", granite, nothing, {.input_ids = ids, .position_ids = {{0, -1, 2}}},
       "position_ids: expected 0 to 16777216, found -1"},
      {"APositionBeyondFloat32", granite, nothing, {.input_ids = ids, .position_ids = {{0, 1, 16777217}}},
       "position_ids: expected 0 to 16777216, found 16777217"},
      // Packed sequences
      {"PackedOutsideTheHybrid", granite, nothing, {.input_ids = one_row, .packed = packed_sequences({2, 3})},
       "seq_idx: expected a granitemoehybrid (others pack by position_ids), found granitemoe"},
      {"PackedWithAMask", hybrid, nothing,
       {.input_ids = one_row, .attention_mask = {{1, 1, 1, 1, 1}}, .packed = packed_sequences({2, 3})},
       "attention_mask: expected none with seq_idx, found one"},
      {"PackedWithACache", hybrid, nothing,
       {.input_ids = one_row, .packed = packed_sequences({2, 3}), .use_cache = true},
       "use_cache: expected 0 with seq_idx, found 1"},
      {"PackedInTwoRows", hybrid, nothing, {.input_ids = ids, .packed = packed_sequences({1, 2})},
       "seq_idx: expected [1, 3] and a batch of 1, found [1, 3] and a batch of 2"},
      {"PackedOfAnotherLength", hybrid, nothing, {.input_ids = one_row, .packed = packed_sequences({2, 2})},
       "seq_idx: expected [1, 5] and a batch of 1, found [1, 4] and a batch of 1"},
      {"NoBorders", hybrid, nothing,
       {.input_ids = one_row, .packed = changed([](auto& packed) { packed.cu_seq_lens_q = {}; })},
       "cu_seq_lens_q: expected 0 and the end of each sequence, found nothing"},
      {"BordersThatDoNotStartAtZero", hybrid, nothing,
       {.input_ids = one_row, .packed = changed([](auto& packed) { packed.cu_seq_lens_q = {1, 2, 5}; })},
       "cu_seq_lens_q: expected 0 and the end of each sequence, found 3 numbers from 1"},
      {"BordersThatDoNotIncrease", hybrid, nothing,
       {.input_ids = one_row, .packed = changed([](auto& packed) { packed.cu_seq_lens_k = {0, 2, 2, 5}; })},
       "cu_seq_lens_k[2]: expected more than 2, found 2"},
      {"BordersThatDoNotEndAtTheLength", hybrid, nothing,
       {.input_ids = one_row, .packed = changed([](auto& packed) { packed.cu_seq_lens_k = {0, 2, 6}; })},
       "cu_seq_lens_k: expected to end at 5 (the tokens of the call), found 6"},
      {"AnotherLongestLength", hybrid, nothing,
       {.input_ids = one_row, .packed = changed([](auto& packed) { packed.max_length_q = 4; })},
       "max_length_q: expected 3 (the longest of cu_seq_lens_q), found 4"},
      {"TwoKindsOfBorders", hybrid, nothing,
       {.input_ids = one_row, .packed = changed([](auto& packed) { packed.cu_seq_lens_k = {0, 3, 5}; })},
       "cu_seq_lens_k: expected the numbers of cu_seq_lens_q, found others"},
      {"AnIndexThatIsNoPartition", hybrid, nothing,
       {.input_ids = one_row, .packed = changed([](auto& packed) { packed.seq_idx = {{0, 0, 1, 0, 1}}; })},
       "seq_idx[0, 3]: expected 1 (the sequence of cu_seq_lens_q), found 0"},
      // Which logits
      {"KeptLogitsOfABareModel", bare, nothing, {.input_ids = ids, .logits_to_keep = 1},
       "logits_to_keep: expected none in a Model, found some"},
      {"KeptLogitsOfAClassification", classification, nothing, {.input_ids = ids, .logits_positions = {0}},
       "logits_to_keep: expected none in a ForSequenceClassification, found some"},
      {"KeptLogitsInTwoWays", granite, nothing, {.input_ids = ids, .logits_to_keep = 1, .logits_positions = {0}},
       "logits_to_keep: expected a number or a list of positions, found both"},
      {"LabelsOfKeptLogits", granite, nothing, {.input_ids = ids, .logits_to_keep = 3, .labels = ids},
       "labels: expected none with logits_to_keep, for they need all logits; found some"},
      {"MoreLogitsThanTokens", granite, nothing, {.input_ids = ids, .logits_to_keep = 4},
       "logits_to_keep: expected up to 3 (the tokens of the call), found 4"},
      {"APositionBehindTheEnd", granite, nothing, {.input_ids = ids, .logits_positions = {0, 3}},
       "logits_to_keep: expected positions from -3 to 2, found 3"},
      {"APositionBeforeTheStart", granite, nothing, {.input_ids = ids, .logits_positions = {-4}},
       "logits_to_keep: expected positions from -3 to 2, found -4"},
      // The auxiliary loss
      {"NoExpertsToBalance", dense, nothing, {.input_ids = ids, .output_router_logits = true},
       "output_router_logits: expected 0 in a model without experts, found 1"},
      {"NoHeadToBalanceIn", bare, nothing, {.input_ids = ids, .output_router_logits = true},
       "output_router_logits: expected 0 in a model without a causal language head, found 1"},
      {"ABalanceOfTheCacheToo", granite, five_tokens,
       {.input_ids = {{1}, {2}},
        .attention_mask = {{1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1}},
        .use_cache = true,
        .continues = true,
        .output_router_logits = true},
       "attention_mask: expected 1 columns with output_router_logits, found 6 (5 tokens are in the cache)"},
      {"ABalanceOfNothing", granite, nothing,
       {.input_ids = ids, .attention_mask = {{0, 0, 0}, {0, 0, 0}}, .output_router_logits = true},
       "attention_mask: expected a 1 with output_router_logits, found none"},
      // Labels of a language model
      {"LabelsOfABareModel", bare, nothing, {.input_ids = ids, .labels = ids},
       "labels: expected none in a model without a head, found some"},
      {"LabelsOfTwoKinds", granite, nothing, {.input_ids = ids, .labels = ids, .float_labels = {{1.0F}}},
       "labels: expected ids or floats, found both"},
      {"FloatLabelsOfTokens", granite, nothing, {.input_ids = ids, .float_labels = {{1.0F}, {2.0F}}},
       "labels: expected token ids, found floats"},
      {"LabelsOfAnotherShape", granite, nothing, {.input_ids = ids, .labels = {{1, 2}, {3, 4}}},
       "labels: expected [2, 3], found [2, 2]"},
      {"ALabelOutside", granite, nothing, {.input_ids = ids, .labels = {{1, 97, 3}, {4, 5, 6}}},
       "labels[0, 1]: expected -100 or 0 to 96, found 97"},
      {"ANegativeLabel", granite, nothing, {.input_ids = ids, .labels = {{1, 2, 3}, {4, 5, -1}}},
       "labels[1, 2]: expected -100 or 0 to 96, found -1"},
      {"NoTarget", granite, nothing, {.input_ids = ids, .labels = {{1, -100, -100}, {4, -100, -100}}},
       "labels: expected a target behind the first token, found none"},
      {"NoItemsInTheBatch", granite, nothing, {.input_ids = ids, .labels = ids, .num_items_in_batch = 0},
       "num_items_in_batch: expected 1 or more, found 0"},
      {"ItemsWithoutLabels", granite, nothing, {.input_ids = ids, .num_items_in_batch = 4},
       "num_items_in_batch: expected labels of a language model with it, found none"},
      // Labels of a classification
      {"ItemsOfAClassification", classification, nothing,
       {.input_ids = ids, .labels = {{1}, {2}}, .num_items_in_batch = 4},
       "num_items_in_batch: expected labels of a language model with it, found none"},
      {"ABatchWithoutAPadId", with(classification, R"("pad_token_id": null)"), nothing, {.input_ids = ids},
       "pad_token_id: expected one to classify a batch of 2, found none"},
      {"ClassesOfAnotherShape", classification, nothing, {.input_ids = ids, .labels = ids},
       "labels: expected [2, 1], found [2, 3]"},
      {"ClassesOfARegression", of_type("regression"), nothing, {.input_ids = ids, .labels = {{1}, {2}}},
       "labels: expected floats, found classes"},
      {"ClassesOfOneLabel", with(classification, R"("num_labels": 1)"), nothing,
       {.input_ids = ids, .labels = {{0}, {0}}}, "labels: expected floats, found classes"},
      {"AClassOutside", classification, nothing, {.input_ids = ids, .labels = {{0}, {3}}},
       "labels[1]: expected -100 or 0 to 2, found 3"},
      {"NoClass", classification, nothing, {.input_ids = ids, .labels = {{-100}, {-100}}},
       "labels: expected a target, found none"},
      {"FloatsOfClasses", of_type("single_label_classification"), nothing,
       {.input_ids = ids, .float_labels = {{1, 0, 0}, {0, 1, 0}}}, "labels: expected classes, found floats"},
      {"FloatsOfAnotherShape", classification, nothing, {.input_ids = ids, .float_labels = {{1, 0}, {0, 1}}},
       "labels: expected [2, 3], found [2, 2]"},
      {"FloatsThatAreNoNumbers", classification, nothing,
       {.input_ids = ids, .float_labels = {{1, 0, 0}, {0, std::numeric_limits<float>::infinity(), 0}}},
       "labels: expected finite numbers, found inf"},
  };
  return calls;
}

class CheckCall : public testing::TestWithParam<Refused> {};

INSTANTIATE_TEST_SUITE_P(Model, CheckCall, testing::ValuesIn(refused_calls()),
                         [](const auto& refused) { return refused.param.name; });

TEST_P(CheckCall, Refuses) {
  const Refused& refused = GetParam();
  const Config config = parse_config(refused.config, "config.json");
  const LaidOutCall laid_out(refused.call);
  EXPECT_EQ(error_of([&] { check_call(config, laid_out.call(), refused.past, "call 7"); }),
            "call 7: " + refused.message);
}

TEST(CheckCallOf, RefusesAnEmptyListOfPositions) {
  const LaidOutCall laid_out({.input_ids = ids});
  Call call = laid_out.call();
  call.logits_positions = View<const std::int64_t, 1>(nullptr, {0});
  EXPECT_EQ(error_of([&] { check_call(parse_config(granite, "config.json"), call, nothing, "call 7"); }),
            "call 7: logits_to_keep: expected at least one position, found none");
}

struct Accepted {
  std::string name;
  std::string config;
  Past past;
  OwnedCall call;
};

class CheckCallAccepts : public testing::TestWithParam<Accepted> {};

INSTANTIATE_TEST_SUITE_P(
    Model, CheckCallAccepts,
    testing::Values(
        Accepted{"Embeds", granite, nothing, {.inputs_embeds = embeds()}},
        Accepted{"AMaskTooShort", granite, nothing, {.input_ids = ids, .attention_mask = {{1, 1}, {1, 1}}}},
        Accepted{"PackedSequences", hybrid, nothing, {.input_ids = one_row, .packed = packed_sequences({2, 3})}},
        Accepted{"PositionsFromTheEnd", granite, nothing, {.input_ids = ids, .logits_positions = {-3, 2, 2}}},
        Accepted{"NoTargetOfAGivenNumberOfItems",
                 granite,
                 nothing,
                 {.input_ids = {{1}}, .labels = {{1}}, .num_items_in_batch = 3}},
        Accepted{"ABalanceOfTheCall",
                 granite,
                 nothing,
                 {.input_ids = ids, .attention_mask = {{0, 0, 1}, {0, 1, 1}}, .output_router_logits = true}},
        Accepted{"OneRowWithoutAPadId",
                 with(classification, R"("pad_token_id": null)"),
                 nothing,
                 {.input_ids = one_row, .labels = {{2}}}},
        Accepted{"ClassesOfWhichSomeDoNotCount", classification, nothing, {.input_ids = ids, .labels = {{-100}, {2}}}},
        Accepted{"FloatsOfSeveralLabels",
                 classification,
                 nothing,
                 {.input_ids = ids, .float_labels = {{1, 0, 0}, {0, 1, 0.5F}}}},
        Accepted{"FloatsOfARegression",
                 of_type("regression"),
                 nothing,
                 {.input_ids = ids, .float_labels = {{1, 0, 0}, {0, 1, 0.5F}}}}),
    [](const auto& accepted) { return accepted.param.name; });

TEST_P(CheckCallAccepts, WhatTransformersComputes) {
  const LaidOutCall laid_out(GetParam().call);
  EXPECT_NO_THROW(check_call(parse_config(GetParam().config, "config.json"), laid_out.call(), GetParam().past, "call"));
}

TEST(CallOf, CountsItsRowsAndTokensByIdsOrEmbeds) {
  const LaidOutCall by_ids({.input_ids = ids});
  EXPECT_EQ(by_ids.call().batch(), 2U);
  EXPECT_EQ(by_ids.call().length(), 3U);
  const LaidOutCall by_embeds({.inputs_embeds = embeds()});
  EXPECT_EQ(by_embeds.call().batch(), 2U);
  EXPECT_EQ(by_embeds.call().length(), 3U);
}

TEST(CallOf, KeepsTheLogitsOfAllTokensOrOfTheLastOrOfSome) {
  const LaidOutCall all({.input_ids = ids});
  EXPECT_EQ(all.call().kept_logits(), 3U);
  EXPECT_EQ(all.call().kept_token(2), 2U);
  const LaidOutCall last({.input_ids = ids, .logits_to_keep = 2});
  EXPECT_EQ(last.call().kept_logits(), 2U);
  EXPECT_EQ(last.call().kept_token(0), 1U);
  const LaidOutCall some({.input_ids = ids, .logits_positions = {-1, 0, 0, -3}});
  EXPECT_EQ(some.call().kept_logits(), 4U);
  EXPECT_EQ(some.call().kept_token(0), 2U);
  EXPECT_EQ(some.call().kept_token(2), 0U);
  EXPECT_EQ(some.call().kept_token(3), 0U);
}

TEST(PastOf, IsTheGivenCacheOrTheEnginesOwnOrNothing) {
  PastKeyValues given{.tokens = 9, .layers = std::vector<LayerPast>(1)};
  given.layers[0].keys = Tensor<float, 4>({4, 1, 9, 2});
  Call call;
  EXPECT_EQ(past_of(call, five_tokens).tokens, 0U);
  call.continues = true;
  EXPECT_EQ(past_of(call, five_tokens).tokens, 5U);
  EXPECT_EQ(past_of(call, five_tokens).batch, 2U);
  call.continues = false;
  call.past_key_values = &given;
  EXPECT_EQ(past_of(call, five_tokens).tokens, 9U);
  EXPECT_EQ(past_of(call, five_tokens).batch, 4U);
}

}  // namespace
}  // namespace assay::test
