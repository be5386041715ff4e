// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The inputs of a recorded call: each is read as it is written, and what contradicts itself is refused in a sentence.
#include "golden/format/recorded_call.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "golden/format/golden_file.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/whole_api_golden.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using golden::RecordedCall;
using Integers = std::vector<std::int64_t>;

template <class T, std::size_t Rank>
std::vector<T> flat(const Tensor<T, Rank>& tensor) {
  const auto values = tensor.view().flat();
  return {values.begin(), values.end()};
}

class RecordedCalls : public testing::Test {
 protected:
  /// What opening complains about, behind the name of the file.
  std::string refusal() {
    const std::string message = error_of([&] { GoldenFile golden(copy.path()); });
    EXPECT_TRUE(message.starts_with(copy.file() + ": ")) << message;
    EXPECT_EQ(std::ranges::count(message, '\n'), 0) << message;
    return message.substr(std::min(message.size(), copy.file().size() + 2));
  }

  WholeApiGolden copy;
};

TEST_F(RecordedCalls, LabelsAndOutputsAreRead) {
  const GoldenFile golden(copy.path());
  const RecordedCall& call = golden.calls()[0];
  ASSERT_TRUE(call.labels);
  EXPECT_EQ(flat(*call.labels), (Integers{-100, 3, 4, 5, 6, -100, -100, -100, 8, 9, 10, 11}));
  EXPECT_EQ(call.num_items_in_batch, 5);
  const Call made = call.call();
  EXPECT_TRUE(made.output_hidden_states && made.output_attentions && made.output_router_logits);
  EXPECT_EQ(made.labels->extents(), (std::array<std::size_t, 2>{2, 6}));
  EXPECT_EQ(made.num_items_in_batch, 5);
  const auto has = [&](Site site) {
    return std::ranges::find(call.sites, ProbePoint{site, std::nullopt}, &PlannedSite::point) != call.sites.end();
  };
  EXPECT_TRUE(has(Site::hidden_states) && has(Site::attentions) && has(Site::aux_loss) && has(Site::loss));
}

TEST_F(RecordedCalls, EmbeddingsStandInForIds) {
  const GoldenFile golden(copy.path());
  const RecordedCall& call = golden.calls()[1];
  EXPECT_EQ(call.batch(), 1U);
  EXPECT_EQ(call.length(), 3U);
  const Call made = call.call();
  EXPECT_EQ(made.input_ids.elements(), 0U);
  ASSERT_TRUE(made.inputs_embeds);
  EXPECT_EQ(made.inputs_embeds->extents(), (std::array<std::size_t, 3>{1, 3, 20}));
  EXPECT_EQ((*made.inputs_embeds)(0, 0, 1), -0.375F);
  ASSERT_TRUE(made.logits_positions);
  EXPECT_EQ(made.kept_token(0), 2U);
  EXPECT_EQ(made.kept_token(1), 0U);
}

TEST_F(RecordedCalls, ACacheThatWasHandedOverIsThePast) {
  const GoldenFile golden(copy.path());
  const RecordedCall& call = golden.calls()[2];
  EXPECT_EQ(call.past, 3U);
  EXPECT_FALSE(call.continues);
  const Call made = call.call();
  EXPECT_EQ(made.logits_to_keep, 1U);
  ASSERT_NE(made.past_key_values, nullptr);
  EXPECT_EQ(made.past_key_values->tokens, 3U);
  ASSERT_EQ(made.past_key_values->layers.size(), 2U);
  EXPECT_EQ(made.past_key_values->layers[0].keys.view().extents(), (std::array<std::size_t, 4>{2, 3, 3, 4}));
  EXPECT_TRUE(made.past_key_values->layers[0].conv_state.empty());
  EXPECT_EQ(made.past_key_values->layers[1].ssm_state(0, 0, 0, 2), -0.25F);
}

TEST_F(RecordedCalls, PackedSequencesAreRead) {
  const GoldenFile golden(copy.path());
  const Call made = golden.calls()[3].call();
  ASSERT_TRUE(made.packed);
  EXPECT_EQ(made.packed->seq_idx(0, 2), 1);
  EXPECT_EQ(made.packed->cu_seq_lens_q[1], 2);
  EXPECT_EQ(made.packed->cu_seq_lens_k[2], 5);
  EXPECT_EQ(made.packed->max_length_q, 3);
  EXPECT_EQ(made.packed->max_length_k, 3);
}

TEST_F(RecordedCalls, BothIdsAndEmbeddings) {
  copy.numbers("/calls/001/inputs/input_ids", {1, 3}, Integers{1, 2, 3});
  EXPECT_EQ(refusal(), "/calls/001/inputs: expected input_ids or inputs_embeds, found both");
}

TEST_F(RecordedCalls, NeitherIdsNorEmbeddings) {
  copy.remove("/calls/001/inputs/inputs_embeds");
  EXPECT_EQ(refusal(), "/calls/001/inputs: expected input_ids or inputs_embeds, found neither");
  copy.remove("/calls/000/inputs");
  EXPECT_EQ(refusal(), "/calls/000/inputs: expected input_ids or inputs_embeds, found neither");
}

TEST_F(RecordedCalls, EmbeddingsOfAnotherWidthTypeRankOrThatAreNotFinite) {
  const std::string path = "/calls/001/inputs/inputs_embeds";
  copy.numbers(path, {1, 3, 19}, std::vector<float>(57));
  EXPECT_EQ(refusal(),
            "/calls/001/inputs: inputs_embeds: expected [batch, tokens, 20] with at least one token, found [1, 3, 19]");
  copy.numbers(path, {3, 20}, std::vector<float>(60));
  EXPECT_EQ(refusal(), path + ": expected three axes, found [3, 20]");
  copy.numbers(path, {1, 3, 20}, Integers(60));
  EXPECT_EQ(refusal(), path + ": expected f32, found i64");
  std::vector<float> values(60);
  values[7] = std::numeric_limits<float>::infinity();
  copy.numbers(path, {1, 3, 20}, values);
  EXPECT_EQ(refusal(), path + ": element 7: expected a finite number, found inf");
}

TEST_F(RecordedCalls, AnEmptyAxis) {
  copy.numbers("/calls/001/inputs/logits_positions", {0}, Integers{});
  EXPECT_EQ(refusal(), "/calls/001/inputs/logits_positions: expected no empty axis, found [0]");
}

TEST_F(RecordedCalls, AnInputThatNobodyKnows) {
  copy.numbers("/calls/000/inputs/token_type_ids", {2, 6}, Integers(12));
  EXPECT_EQ(refusal(), "/calls/000/inputs: expected names of inputs, found token_type_ids");
}

TEST_F(RecordedCalls, AttributesOutOfTheirRange) {
  for (const char* name : {"output_hidden_states", "output_attentions", "output_router_logits"}) {
    copy.attribute("/calls/001", name, std::int64_t{2});
    EXPECT_EQ(refusal(), std::string("/calls/001: attribute ") + name + ": expected 0 or 1, found 2");
    copy.remove_attribute("/calls/001", name);
  }
  for (const char* name : {"logits_to_keep", "num_items_in_batch", "max_length_q", "max_length_k"}) {
    copy.attribute("/calls/001", name, std::int64_t{-1});
    EXPECT_EQ(refusal(), std::string("/calls/001: attribute ") + name + ": expected 0 or more, found -1");
    copy.remove_attribute("/calls/001", name);
  }
  copy.attribute("/calls/002", "logits_to_keep", std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(refusal(),
            "/calls/002/inputs: logits_to_keep: expected up to 2 (the tokens of the call), found 9223372036854775807");
}

TEST_F(RecordedCalls, AnAttributeOfAnotherType) {
  copy.attribute("/calls/001", "logits_to_keep", "all");
  EXPECT_EQ(refusal(), "/calls/001: attribute logits_to_keep: expected one integer, found something else");
}

TEST_F(RecordedCalls, LabelsWithLogitsToKeep) {
  copy.attribute("/calls/000", "logits_to_keep", std::int64_t{2});
  EXPECT_EQ(refusal(),
            "/calls/000/inputs: labels: expected none with logits_to_keep, for they need all logits; found some");
}

TEST_F(RecordedCalls, HalfOfThePackedInputs) {
  copy.remove("/calls/003/inputs/cu_seq_lens_k");
  copy.remove_attribute("/calls/003", "max_length_k");
  EXPECT_EQ(refusal(),
            "/calls/003: packed sequences: expected cu_seq_lens_k, max_length_k with seq_idx, cu_seq_lens_q, "
            "max_length_q, found none");
}

TEST_F(RecordedCalls, PackedSequencesThatAreNoPartition) {
  copy.numbers("/calls/003/inputs/seq_idx", {1, 5}, Integers{0, 0, 0, 1, 1});
  EXPECT_EQ(refusal(), "/calls/003/inputs: seq_idx[0, 2]: expected 1 (the sequence of cu_seq_lens_q), found 0");
}

TEST_F(RecordedCalls, ACacheOfAnotherModel) {
  const std::string past = "/calls/002/inputs/past_key_values";
  copy.numbers(past + "/layers/000/keys", {2, 3, 4, 4}, std::vector<float>(96));
  EXPECT_EQ(refusal(), "/calls/002/inputs: past_key_values: layer 0 keys: expected [2, 3, 3, 4], found [2, 3, 4, 4]");
  copy.remove(past + "/layers/001");
  EXPECT_EQ(refusal(), "/calls/002/inputs: past_key_values: expected 2 layers, found 1");
  copy.group(past + "/layers/002");
  EXPECT_EQ(refusal(), past + "/layers: expected 001, found 002");
  copy.remove(past + "/layers");
  EXPECT_EQ(refusal(), past + "/layers: expected a group for each layer, found none");
}

TEST_F(RecordedCalls, ACacheWithATensorThatNobodyKnows) {
  const std::string layer = "/calls/002/inputs/past_key_values/layers/000";
  copy.numbers(layer + "/queries", {1}, Integers{1});
  EXPECT_EQ(refusal(), layer + ": expected keys, values, conv_state or ssm_state, found queries");
}

TEST_F(RecordedCalls, ACacheOfNoOrTooManyTokens) {
  const std::string past = "/calls/002/inputs/past_key_values";
  for (const std::int64_t tokens : {std::int64_t{0}, std::int64_t{-3}, std::int64_t{1} << 62U}) {
    copy.attribute(past, "tokens", tokens);
    EXPECT_EQ(refusal(), past + ": attribute tokens: expected 1 to 16777216, found " + std::to_string(tokens));
  }
  copy.remove_attribute(past, "tokens");
  EXPECT_EQ(refusal(), past + ": attribute tokens: expected an integer, found none");
}

TEST_F(RecordedCalls, ACacheBesideThatOfTheCallBefore) {
  copy.attribute("/calls/001", "use_cache", std::int64_t{1});
  copy.attribute("/calls/002", "continues", std::int64_t{1});
  EXPECT_EQ(refusal(), "/calls/002/inputs: past_key_values: expected none in a call that continues a cache, found one");
}

TEST_F(RecordedCalls, FloatLabelsOfALanguageModel) {
  copy.numbers("/calls/001/inputs/float_labels", {1, 2}, std::vector<float>(2));
  const std::string message = refusal();
  EXPECT_TRUE(message.starts_with("/calls/001/inputs: labels: expected ")) << message;
}

TEST_F(RecordedCalls, ADumpRepeatsThem) {
  const GoldenFile golden(copy.path());
  const std::string path = (copy.folder().path() / "calls.h5").string();
  {
    Hdf5Writer writer(path);
    for (std::size_t i = 0; i < golden.calls().size(); ++i) write_call(writer, CallIndex{i}, golden.calls()[i]);
    writer.close();
  }
  const Hdf5Reader reader(path);
  for (std::size_t i = 0; i < golden.calls().size(); ++i) {
    const RecordedCall& before = golden.calls()[i];
    const RecordedCall after =
        read_call(reader, golden.config(), CallIndex{i}, i == 0 ? nullptr : &golden.calls()[i - 1]);
    EXPECT_EQ(flat(after.input_ids), flat(before.input_ids));
    ASSERT_EQ(after.sites.size(), before.sites.size()) << "call " << i;
    EXPECT_EQ(after.past, before.past);
    EXPECT_EQ(after.num_items_in_batch, before.num_items_in_batch);
    ASSERT_EQ(after.inputs_embeds.has_value(), before.inputs_embeds.has_value());
    if (after.inputs_embeds) {
      EXPECT_EQ(flat(*after.inputs_embeds), flat(*before.inputs_embeds));
    }
    ASSERT_EQ(after.packed.has_value(), before.packed.has_value());
    if (after.packed) {
      EXPECT_EQ(flat(after.packed->cu_seq_lens_k), flat(before.packed->cu_seq_lens_k));
    }
    ASSERT_EQ(after.past_key_values.has_value(), before.past_key_values.has_value());
    if (!after.past_key_values) continue;
    EXPECT_EQ(flat(after.past_key_values->layers[1].ssm_state), flat(before.past_key_values->layers[1].ssm_state));
  }
}

}  // namespace
}  // namespace assay::test
