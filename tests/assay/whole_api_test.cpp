// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The program on goldens whose calls have every input of the format, and on rows of padding.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "golden/format/golden_file.hpp"
#include "tests/assay/program.hpp"
#include "tests/support/whole_api_golden.hpp"

namespace assay::test {
namespace {

namespace json = boost::json;

TEST(InspectOfTheWholeApi, ShowsWhatACallWasGiven) {
  const WholeApiGolden golden;
  const ChildResult result = assay_program({"inspect", golden.file(), "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json::value document = json_of(result.out);
  EXPECT_EQ(document.at("config").at("head"), "ForCausalLM");
  EXPECT_TRUE(document.at("not_recorded").as_array().empty());
  const json::array& calls = document.at("calls").as_array();
  ASSERT_EQ(calls.size(), 4U);
  EXPECT_EQ(calls[0].at("inputs").at("labels"), (json::array{2, 6}));
  EXPECT_EQ(calls[0].at("num_items_in_batch"), 5);
  EXPECT_EQ(calls[0].at("output_attentions"), true);
  EXPECT_EQ(calls[1].at("batch"), 1);
  EXPECT_EQ(calls[1].at("tokens"), 3);
  EXPECT_EQ(calls[1].at("inputs").at("inputs_embeds"), (json::array{1, 3, 20}));
  EXPECT_FALSE(calls[1].at("inputs").as_object().contains("input_ids"));
  EXPECT_EQ(calls[2].at("past"), 3);
  EXPECT_EQ(calls[2].at("logits_to_keep"), 1);
  EXPECT_EQ(calls[2].at("inputs").at("past_key_values"), (json::array{2}));
  EXPECT_EQ(calls[3].at("inputs").at("cu_seq_lens_q"), (json::array{3}));
}

TEST(InspectOfTheWholeApi, NamesItInTheTableBelowTheCall) {
  WholeApiGolden golden;
  golden.attribute("/", "not_recorded", "embed_out");
  for (const std::string call : {"000", "001", "002", "003"}) {
    for (const std::string group : {"/truth", "/hf32"}) golden.remove("/calls/" + call + group + "/embed_out");
  }
  const ChildResult result = assay_program({"inspect", golden.file()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* part : {"not recorded    embed_out\n", "inputs_embeds[1,3,20] logits_positions[2]\n",
                           "past_key_values[2] logits_to_keep=1\n", "labels[2,6] num_items_in_batch=5"}) {
    EXPECT_NE(result.out.find(part), std::string::npos) << part << "\n" << result.out;
  }
}

TEST(DumpOfTheWholeApi, RepeatsTheInputs) {
  const WholeApiGolden golden;
  const std::string out = (golden.folder().path() / "dump.h5").string();
  const ChildResult result =
      assay_program({"dump", golden.file(), "--engine", "reference", "--precision", "f64", "--out", out});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const golden::GoldenFile before(golden.path());
  const golden::GoldenFile after(out);
  ASSERT_EQ(after.calls().size(), 4U);
  EXPECT_EQ(after.calls()[0].num_items_in_batch, 5);
  EXPECT_TRUE(after.calls()[0].labels && after.calls()[1].inputs_embeds && after.calls()[1].logits_positions);
  ASSERT_TRUE(after.calls()[2].past_key_values && after.calls()[3].packed);
  EXPECT_EQ(after.calls()[2].past, 3U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(after.calls()[i].sites.size(), before.calls()[i].sites.size());
  EXPECT_TRUE(after.reader().has("/calls/000/actual/attentions"));
  EXPECT_TRUE(after.reader().has("/calls/000/actual/loss"));
}

TEST(VerifyOfTheWholeApi, RefusesAContradictionInOneLine) {
  WholeApiGolden golden;
  golden.numbers("/calls/001/inputs/input_ids", {1, 3}, std::vector<std::int64_t>{1, 2, 3});
  expect_cannot_judge(assay_program({"verify", golden.file(), "--precision", "f64"}),
                      golden.file() + ": /calls/001/inputs: expected input_ids or inputs_embeds, found both");
}

/// The golden's own values in a row of padding become others, as if the engine were wrong there.
class VerifyOfRealRows : public testing::Test {
 protected:
  ChildResult verify(const std::vector<std::string>& options) {
    std::vector<std::string> arguments{"verify", copy.file(), "--precision", "f64"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return assay_program(arguments);
  }

  /// The first element of logits that belongs to a token whose mask entry is `mask`.
  void spoil_logits_where(std::int64_t mask) {
    const auto tokens = Hdf5Reader(copy.path()).read<std::int64_t>("/calls/000/inputs/attention_mask");
    const auto token = static_cast<std::size_t>(std::ranges::find(tokens, mask) - tokens.begin());
    copy.edit<double>("/calls/000/truth/logits", [&](auto& values) { values[token * 31] += 1.0; });
  }

  GoldenCopy copy{"granitemoe_left_pad"};
};

TEST_F(VerifyOfRealRows, PaddingIsJudgedUnlessItIsLeftOut) {
  spoil_logits_where(0);
  EXPECT_EQ(verify({}).exit_code, 1);
  const ChildResult result = verify({"--real-rows", "--json", "-"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_EQ(json_of(result.out).at("results").as_array()[0].at("rows"), "real");
}

TEST_F(VerifyOfRealRows, TheCommandReproducesIt) {
  spoil_logits_where(1);
  const ChildResult result = verify({"--real-rows", "--json", "-"});
  EXPECT_EQ(result.exit_code, 1);
  const json::value document = json_of(result.out);
  EXPECT_EQ(document.at("results").as_array()[0].at("first_divergence").at("command"),
            json::string("assay verify " + copy.file() +
                         " --engine reference --precision f64 --mode free --real-rows --sites logits"));
}

}  // namespace
}  // namespace assay::test
