// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/generation.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/temporary_folder.hpp"

namespace assay::test {
namespace {

using Ids = std::vector<std::int64_t>;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

std::int64_t argmax_of(const std::vector<float>& logits) { return argmax(std::span<const float>(logits)); }

TEST(Argmax, IsTheFirstOfTheLargest) {
  EXPECT_EQ(argmax_of({-3, -1, -2}), 1);
  EXPECT_EQ(argmax_of({2, 5, 5, 1}), 1);
  EXPECT_EQ(argmax_of({0, 0, 0}), 0);
  EXPECT_EQ(argmax_of({7}), 0);
  const std::vector<double> wide{1, 2, 3};
  EXPECT_EQ(argmax(std::span<const double>(wide)), 2);
}

TEST(Argmax, OfNoNumberIsRefused) {
  for (const auto& logits : {std::vector<float>{1, nan, 3}, {nan, 1, 2}, {1, 2, nan}}) {
    const std::string message = error_of([&] { (void)argmax_of(logits); });
    EXPECT_NE(message.find("expected a number, found NaN"), std::string::npos) << message;
  }
}

TEST(ParseIds, TakesCommasAndBlanks) {
  EXPECT_EQ(parse_ids("--ids", "1,2,30"), (Ids{1, 2, 30}));
  EXPECT_EQ(parse_ids("--ids", " 1, 2 3\n"), (Ids{1, 2, 3}));
  EXPECT_EQ(parse_ids("--ids", "-4"), (Ids{-4})) << "the vocabulary is asked later";
}

TEST(ParseIds, ReadsAFile) {
  const TemporaryFolder folder;
  const std::string path = folder.add("ids.txt", "5, 6,\n7 8\n").string();
  EXPECT_EQ(parse_ids("--ids", "@" + path), (Ids{5, 6, 7, 8}));
}

TEST(ParseIds, RefusesWhatIsNoNumber) {
  const auto refusal = [](const std::string& text) { return error_of([&] { (void)parse_ids("--ids", text); }); };
  for (const char* text : {"", " ", "\n"})
    EXPECT_EQ(refusal(text), "--ids: expected at least one token id, found none");
  for (const char* text : {",", "1,", "1,,2", ",1"}) {
    EXPECT_EQ(refusal(text), "--ids: expected token ids separated by commas, found \"\"") << text;
  }
  EXPECT_EQ(refusal("1,2x"), "--ids: expected token ids separated by commas, found \"2x\"");
  EXPECT_EQ(refusal("1.5"), "--ids: expected token ids separated by commas, found \"1.5\"");
  EXPECT_EQ(refusal("99999999999999999999"),
            "--ids: expected token ids separated by commas, found \"99999999999999999999\"");
}

TEST(ParseIds, NamesTheFile) {
  const TemporaryFolder folder;
  const std::string path = folder.add("ids.txt", "1 two").string();
  EXPECT_EQ(error_of([&] { (void)parse_ids("--ids", "@" + path); }),
            path + ": expected token ids separated by commas, found \"two\"");
  const std::string none = (folder.path() / "none").string();
  EXPECT_EQ(error_of([&] { (void)parse_ids("--ids", "@" + none); }),
            none + ": cannot be opened: No such file or directory");
}

/// Answers call number n with token n + 3 and remembers what it was asked.
class CountingEngine : public Engine {
 public:
  explicit CountingEngine(std::size_t vocab_size) : logits_(vocab_size) {}

  struct Asked {
    Ids ids;
    bool use_cache = false;
    bool continues = false;
    std::size_t logits_to_keep = 0;
    bool operator==(const Asked&) const = default;
  };

  [[nodiscard]] std::string_view engine_name() const override { return "counting"; }
  [[nodiscard]] Precision precision() const override { return Precision::f32; }
  void reserve(std::size_t batch, std::size_t tokens, std::size_t cache_tokens) override {
    reserved = {batch, tokens, cache_tokens};
  }
  void reset() override { calls.clear(); }
  SiteValue forward(const Call& call, const Probe&) override {
    const auto ids = call.input_ids.flat();
    calls.push_back({{ids.begin(), ids.end()}, call.use_cache, call.continues, call.logits_to_keep});
    logits_.assign(logits_.size(), 0.0F);
    logits_[calls.size() + 2] = 1.0F;
    return {std::span<const float>(logits_), {1, 1, logits_.size()}};
  }

  Shape reserved;
  std::vector<Asked> calls;

 private:
  std::vector<float> logits_;
};

class Generated : public testing::Test {
 protected:
  CountingEngine engine{97};
};

TEST_F(Generated, APrefillAndThenATokenAtATime) {
  const Config config = parse_config(granite_moe_text(), "config.json");
  const GenerationPlan plan{.prompt = {9, 8, 7}, .max_new_tokens = 3, .stop_ids = {}};
  reserve(engine, config, plan);
  std::vector<std::size_t> progress;
  const Generation generation = generate(engine, config, plan, [&](std::size_t made) { progress.push_back(made); });
  EXPECT_EQ(engine.reserved, (Shape{1, 3, 6}));
  EXPECT_EQ(engine.calls, (std::vector<CountingEngine::Asked>{
                              {{9, 8, 7}, true, false, 1}, {{3}, true, true, 1}, {{4}, true, true, 1}}));
  EXPECT_EQ(generation.ids, (Ids{3, 4, 5}));
  EXPECT_EQ(generation.decode_token_seconds.size(), 2U);
  EXPECT_EQ(progress, (std::vector<std::size_t>{1, 2, 3}));
  EXPECT_FALSE(generation.stopped);
}

TEST_F(Generated, AllOverAgainWhereTheModelCannotHaveACache) {
  const Config config = parse_config(with(phimoe_text(), R"("sliding_window": 1)"), "config.json");
  const GenerationPlan plan{.prompt = {9, 8}, .max_new_tokens = 3, .stop_ids = {}};
  reserve(engine, config, plan);
  const Generation generation = generate(engine, config, plan, {});
  EXPECT_EQ(engine.reserved, (Shape{1, 5, 0}));
  EXPECT_EQ(engine.calls,
            (std::vector<CountingEngine::Asked>{
                {{9, 8}, false, false, 1}, {{9, 8, 3}, false, false, 1}, {{9, 8, 3, 4}, false, false, 1}}));
  EXPECT_EQ(generation.ids, (Ids{3, 4, 5}));
}

TEST_F(Generated, UpToAnyOfTheEndsOfText) {
  const Config config = parse_config(granite_moe_text(), "config.json");
  const Generation generation =
      generate(engine, config, {.prompt = {9}, .max_new_tokens = 10, .stop_ids = {90, 5}}, {});
  EXPECT_EQ(generation.ids, (Ids{3, 4, 5})) << "the end of text is part of it, as in transformers";
  EXPECT_TRUE(generation.stopped);
}

TEST(CanCache, NotWithoutAttentionLayersNorWithAWindowOfOne) {
  EXPECT_TRUE(can_cache(parse_config(granite_moe_text(), "config.json")));
  EXPECT_TRUE(can_cache(parse_config(granite_moe_hybrid_text(), "config.json")));
  EXPECT_TRUE(can_cache(parse_config(with(phimoe_text(), R"("sliding_window": 2)"), "config.json")));
  EXPECT_FALSE(can_cache(parse_config(with(phimoe_text(), R"("sliding_window": 1)"), "config.json")));
}

}  // namespace
}  // namespace assay::test
