// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay run: what it generates, what it says of it, and what it refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "generation/choice.hpp"
#include "model/files/checkpoint.hpp"
#include "reference/engine.hpp"
#include "tests/assay/program.hpp"

namespace assay::test {
namespace {

using Ids = std::vector<std::int64_t>;

/// The folder of a committed golden's weights.
class RunVerb : public testing::Test {
 protected:
  explicit RunVerb(std::string_view case_name = "granitemoe_cache") : golden(case_name) {}

  [[nodiscard]] std::string folder() const { return golden.checkpoint().string(); }

  [[nodiscard]] ChildResult run(std::vector<std::string> more, const std::string& engine = "reference") const {
    more.insert(more.begin(), {"run", folder(), "--engine", engine});
    return assay_program(more);
  }

  void edit_config(const std::string& from, const std::string& to) {
    std::string text = text_of(golden.checkpoint() / "config.json");
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << text;
    golden.copy.folder().add("model/config.json", text.replace(at, from.size(), to));
  }

  CheckpointGolden golden;
};

Ids ids_of(const boost::json::value& document, std::size_t row = 0) {
  Ids ids;
  for (const auto& id : document.at("rows").at(row).at("ids").as_array()) ids.push_back(id.to_number<std::int64_t>());
  return ids;
}

/// Every token from a call of its own over the whole text, in float64 and without a cache.
Ids greedy(const std::filesystem::path& folder, Ids text, std::size_t count) {
  const Checkpoint checkpoint(folder);
  const Config config = parse_config(checkpoint.config_text(), "config.json");
  const Weights weights = resolve_weights(config, checkpoint);
  const auto engine = reference::make_engine(config, weights, Precision::f64);
  Ids made;
  for (std::size_t i = 0; i < count; ++i) {
    Call call;
    call.input_ids = {text.data(), {1, text.size()}};
    const auto logits = std::get<std::span<const double>>(engine->forward(call, Probe()).values);
    made.push_back(generation::argmax(logits.last(common(config).vocab_size)));
    text.push_back(made.back());
  }
  return made;
}

class GreedyRun : public testing::TestWithParam<std::string> {};

TEST_P(GreedyRun, ContinuesAsAReferenceWithoutACacheDoesInEveryEngine) {
  const CheckpointGolden golden(GetParam());
  const Ids expected = greedy(golden.checkpoint(), {3, 14, 15, 9, 2, 6}, 12);
  std::vector<std::string> engines{"reference"};
  if (has_optimized_engine()) engines.emplace_back("optimized");
  for (const std::string& engine : engines) {
    const ChildResult result =
        assay_program({"run", golden.checkpoint().string(), "--engine", engine, "--ids", "3,14,15,9,2,6",
                       "--max-new-tokens", "12", "--ignore-eos", "--json", "-"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(ids_of(json_of(result.out)), expected) << engine;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, GreedyRun,
                         testing::Values("granitemoe_cache", "granitemoeshared_cache", "granitemoehybrid_cache",
                                         "phimoe_cache", "phimoe_sliding_window"),
                         [](const auto& of_case) { return of_case.param; });

TEST_F(RunVerb, PrintsTheIdsAndATable) {
  const ChildResult result = run({"--ids", "1,2,3", "--max-new-tokens", "4", "--ignore-eos"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  const Ids expected = greedy(golden.checkpoint(), {1, 2, 3}, 4);
  std::string text = "ids          ";
  for (const std::int64_t id : expected) text += std::to_string(id) + ", ";
  EXPECT_TRUE(result.out.starts_with(text.substr(0, text.size() - 2) + "\n")) << result.out;
  for (const char* part :
       {"\nengine       reference f32\n", "\nprompt       3 tokens\n", "\nnew          4 tokens\n", "\nprefill      ",
        "\ndecode       ", "\nfirst token  after ", "\nload         ", "\nmemory       "}) {
    EXPECT_NE(result.out.find(part), std::string::npos) << part << result.out;
  }
}

TEST_F(RunVerb, WritesAllItsFiguresAsJson) {
  const std::string file = (golden.copy.folder().path() / "run.json").string();
  const ChildResult result = run({"--ids", "1,2,3", "--max-new-tokens", "4", "--ignore-eos", "--json", file});
  ASSERT_EQ(result.exit_code, 0);
  EXPECT_NE(result.out, "") << "the table is printed as well";
  const boost::json::value document = json_of(text_of(file));
  std::vector<std::string> keys;
  for (const auto& member : document.as_object()) keys.emplace_back(member.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"schema",
                                            "checkpoint",
                                            "model_type",
                                            "engine",
                                            "precision",
                                            "threads",
                                            "weights",
                                            "kernel",
                                            "batch",
                                            "repetition_penalty",
                                            "sampling",
                                            "use_cache",
                                            "rows",
                                            "prompt_tokens",
                                            "new_tokens",
                                            "prefill_seconds",
                                            "prefill_tokens_per_s",
                                            "decode_seconds",
                                            "decode_tokens_per_s",
                                            "time_to_first_token_seconds",
                                            "load_seconds",
                                            "packed_bytes",
                                            "resident_bytes",
                                            "peak_rss_bytes",
                                            "decode_step_seconds"}));
  EXPECT_EQ(document.at("schema"), "assay.run/2");
  EXPECT_EQ(document.at("model_type"), "granitemoe");
  EXPECT_EQ(document.at("engine"), "reference");
  EXPECT_TRUE(document.at("threads").is_null());
  EXPECT_TRUE(document.at("sampling").is_null());
  EXPECT_EQ(document.at("batch"), false);
  EXPECT_EQ(document.at("prompt_tokens"), 3);
  EXPECT_EQ(document.at("new_tokens"), 4);
  EXPECT_EQ(document.at("rows").at(0).at("prompt_tokens"), 3);
  EXPECT_EQ(document.at("rows").at(0).at("new_tokens"), 4);
  EXPECT_EQ(document.at("use_cache"), true);
  const double prefill = document.at("prefill_seconds").to_number<double>();
  EXPECT_DOUBLE_EQ(document.at("prefill_tokens_per_s").to_number<double>(), 3 / prefill);
  EXPECT_GE(document.at("time_to_first_token_seconds").to_number<double>(), prefill);
  const auto& each = document.at("decode_step_seconds").as_array();
  ASSERT_EQ(each.size(), 3U);
  double sum = 0;
  for (const auto& seconds : each) sum += seconds.to_number<double>();
  EXPECT_DOUBLE_EQ(document.at("decode_seconds").to_number<double>(), sum);
  EXPECT_DOUBLE_EQ(document.at("decode_tokens_per_s").to_number<double>(), 3 / sum);
  EXPECT_GT(document.at("load_seconds").to_number<double>(), 0.0);
  EXPECT_GT(document.at("resident_bytes").to_number<double>(), 1e6);
  EXPECT_GE(document.at("peak_rss_bytes").to_number<double>(), document.at("resident_bytes").to_number<double>());
}

TEST_F(RunVerb, OfOneTokenHasNoDecodeRate) {
  const ChildResult result = run({"--ids", "1", "--max-new-tokens", "1", "--json", "-"});
  const auto document = json_of(result.out);
  EXPECT_TRUE(document.at("decode_tokens_per_s").is_null());
  EXPECT_TRUE(document.at("decode_step_seconds").as_array().empty());
  EXPECT_EQ(ids_of(document).size(), 1U);
}

TEST_F(RunVerb, EndsAtTheEndOfTextUnlessToldToGoOn) {
  const Ids all = greedy(golden.checkpoint(), {1, 2, 3}, 8);
  // The first token that was not there before.
  std::size_t last = 1;
  while (std::find(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(last), all[last]) !=
         all.begin() + static_cast<std::ptrdiff_t>(last)) {
    ++last;
  }
  edit_config("\"eos_token_id\": 2", "\"eos_token_id\": [30, " + std::to_string(all[last]) + "]");
  const auto document = json_of(run({"--ids", "1,2,3", "--max-new-tokens", "8", "--json", "-"}).out);
  EXPECT_EQ(ids_of(document), Ids(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(last) + 1));
  EXPECT_EQ(document.at("rows").at(0).at("stopped_at_eos"), true);
  EXPECT_EQ(ids_of(json_of(run({"--ids", "1,2,3", "--max-new-tokens", "8", "--ignore-eos", "--json", "-"}).out)), all);
}

class RunOfAWindowOfOne : public RunVerb {
 protected:
  RunOfAWindowOfOne() : RunVerb("phimoe_sliding_window") {}
};

TEST_F(RunOfAWindowOfOne, ComputesEverythingAgainForEachToken) {
  edit_config("\"sliding_window\": 4", "\"sliding_window\": 1");
  const ChildResult result = run({"--ids", "1,2,3", "--max-new-tokens", "5", "--ignore-eos", "--json", "-"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(ids_of(json_of(result.out)), greedy(golden.checkpoint(), {1, 2, 3}, 5));
  EXPECT_EQ(json_of(result.out).at("use_cache"), false);
}

TEST_F(RunVerb, WarnsOfPositionsThatTheModelWasNotMadeFor) {
  edit_config("\"max_position_embeddings\": 128", "\"max_position_embeddings\": 5");
  const std::vector<std::string> common{"--ids", "1,2,3", "--ignore-eos", "--max-new-tokens"};
  const auto with_tokens = [&](const std::string& count) {
    std::vector<std::string> arguments = common;
    arguments.push_back(count);
    return run(arguments);
  };
  EXPECT_EQ(with_tokens("3").err, "") << "the last token is not fed back";
  const ChildResult result = with_tokens("4");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err,
            "warning: " + folder() + ": expected positions below max_position_embeddings (5), found up to 5\n");
}

TEST_F(RunVerb, RefusesIdsThatAreNone) {
  const auto refused = [&](const std::string& ids, const std::string& message) {
    const ChildResult result = run({"--ids=" + ids, "--max-new-tokens", "2"});
    expect_cannot_judge(result, message);
    EXPECT_EQ(result.out, "");
  };
  refused(" ", "--ids: expected at least one token id, found none");
  refused("1,x", "--ids: expected token ids separated by commas, found \"x\"");
  refused("1,31", "--ids: token 1: expected 0 to 30 (vocab_size 31), found 31");
  refused("-1", "--ids: token 0: expected 0 to 30 (vocab_size 31), found -1");
  refused("@/none/ids", "/none/ids: cannot be opened: No such file or directory");
}

TEST_F(RunVerb, RefusesACountThatIsNone) {
  for (const char* count : {"0", "-1", "x", "99999999999999999999"}) {
    expect_cannot_judge(
        run({"--ids", "1", std::string("--max-new-tokens=") + count}),
        std::string("run: --max-new-tokens: expected 1 to 16777216, found \"") + count + "\" (assay --help)");
  }
  expect_cannot_judge(run({"--ids", "1", "--max-new-tokens", "16777216"}),
                      "run: --max-new-tokens: expected up to 16777216 tokens with those of the prompt, found 16777217 "
                      "(assay --help)");
}

TEST_F(RunVerb, RefusesAFolderThatIsNone) {
  const std::string none = (golden.copy.folder().path() / "none").string();
  expect_cannot_judge(assay_program({"run", none, "--engine", "reference", "--ids", "1", "--max-new-tokens", "1"}),
                      none + ": expected a checkpoint folder, found none");
}

TEST_F(RunVerb, RefusesAReportThatCannotBeWritten) {
  const std::string path = (golden.copy.folder().path() / "none" / "run.json").string();
  expect_cannot_judge(run({"--ids", "1", "--max-new-tokens", "1", "--json", path}),
                      path + ": cannot be written: No such file or directory");
}

}  // namespace
}  // namespace assay::test
