// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the group /generation must be to be read: one thing wrong at a time, and the whole sentence of the refusal.
#include "golden/format/recorded_generation.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "golden/format/golden_file.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/generated_golden.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using golden::RecordedGeneration;

using Ids = std::vector<std::int64_t>;

class GenerationOfAGolden : public testing::Test {
 protected:
  GenerationOfAGolden() {
    how.max_new_tokens = 3;
    how.pad_token_id = 0;
    how.do_sample = true;
    how.temperature = 0.5;
    how.top_k = 7;
    how.top_p = 0.9;
    how.min_p = 0.01;
    how.repetition_penalty = 1.5;
    set_prompts(how, {{3, 4}, {5}});
    how.uniform = Tensor<double, 2>({3, 2});
    how.uniform(1, 1) = 0.75;
    run = recorded_run(copy, how);
    write_generation(copy, run);
  }

  std::string refusal() {
    const GoldenFile file(copy.path());
    const std::string message = error_of([&] { (void)golden::read_generation(file.reader(), file.config()); });
    EXPECT_TRUE(message.starts_with(copy.file() + ": ")) << message;
    return message.substr(std::min(message.size(), copy.file().size() + 2));
  }

  /// The refusal after a change of the integers of a dataset.
  std::string refusal_of(const std::string& name, std::size_t index, std::int64_t value) {
    copy.edit<std::int64_t>("/generation/" + name, [&](Ids& values) { values[index] = value; });
    return refusal();
  }

  GoldenCopy copy{"granitemoe_prefill"};  // 31 tokens
  RecordedGeneration how;
  RecordedGeneration run;
};

TEST_F(GenerationOfAGolden, IsReadAsItWasWritten) {
  const GoldenFile file(copy.path());
  const auto read = golden::read_generation(file.reader(), file.config());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->max_new_tokens, 3U);
  EXPECT_TRUE(read->do_sample);
  EXPECT_EQ(read->pad_token_id, 0);
  EXPECT_TRUE(read->eos_token_id.empty());
  EXPECT_EQ(read->temperature, 0.5);
  EXPECT_EQ(read->top_k, 7U);
  EXPECT_EQ(read->top_p, 0.9);
  EXPECT_EQ(read->min_p, 0.01);
  EXPECT_EQ(read->repetition_penalty, 1.5);
  EXPECT_EQ(read->steps(), 3U);
  EXPECT_EQ(read->width(), 2U);
  EXPECT_EQ(read->uniform(1, 1), 0.75);
  EXPECT_EQ(read->token(2, 1), run.sequences(1, 4));
  EXPECT_EQ(read->logits(1, 0)[5], run.truth_logits(1, 0, 5));
  EXPECT_EQ(read->probs(2, 1)[3], run.truth_probs(2, 1, 3));
}

TEST_F(GenerationOfAGolden, MayBeAbsent) {
  copy.remove("/generation");
  const GoldenFile file(copy.path());
  EXPECT_FALSE(golden::read_generation(file.reader(), file.config()));
}

TEST_F(GenerationOfAGolden, WithoutATruthFallsBackToFloat32) {
  copy.remove("/generation/truth");
  const GoldenFile file(copy.path());
  const auto read = golden::read_generation(file.reader(), file.config());
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->has_truth);
  EXPECT_EQ(read->logits(1, 0)[5], run.hf32_logits(1, 0, 5));
}

TEST_F(GenerationOfAGolden, IsRefusedWithAnAttributeOutOfRange) {
  const auto integer = [&](const char* name, std::int64_t bad, std::int64_t good) {
    copy.attribute("/generation", name, bad);
    const std::string message = refusal();
    copy.attribute("/generation", name, good);
    return message;
  };
  EXPECT_EQ(integer("max_new_tokens", 0, 3), "/generation: attribute max_new_tokens: expected 1 or more, found 0");
  EXPECT_EQ(integer("do_sample", 2, 1), "/generation: attribute do_sample: expected 0 or 1, found 2");
  EXPECT_EQ(integer("pad_token_id", -2, 0), "/generation: attribute pad_token_id: expected -1 or more, found -2");
  EXPECT_EQ(integer("pad_token_id", 31, 0),
            "/generation: attribute pad_token_id: expected 0 to 30 (vocab_size 31), found 31");
  EXPECT_EQ(integer("top_k", 0, 7), "/generation: attribute top_k: expected 1 or more, found 0");
  const auto number = [&](const char* name, double bad, double good) {
    copy.float_attribute("/generation", name, bad);
    const std::string message = refusal();
    copy.float_attribute("/generation", name, good);
    return message;
  };
  EXPECT_EQ(number("temperature", 0, 1),
            "/generation: attribute temperature: expected a finite number above 0, found 0");
  EXPECT_EQ(number("repetition_penalty", -1, 1),
            "/generation: attribute repetition_penalty: expected a finite number above 0, found -1");
  EXPECT_EQ(number("top_p", 1.5, 1), "/generation: attribute top_p: expected a number above 0, up to 1, found 1.5");
  EXPECT_EQ(number("min_p", std::numeric_limits<double>::quiet_NaN(), 0),
            "/generation: attribute min_p: expected a number from 0 to 1, found nan");
  copy.attribute("/generation", "temperature", std::int64_t{1});
  EXPECT_EQ(refusal(), "/generation: attribute temperature: expected one number, found something else");
  copy.remove_attribute("/generation", "do_sample");
  EXPECT_EQ(refusal(), "/generation: attribute do_sample: expected an integer, found none");
}

TEST_F(GenerationOfAGolden, IsRefusedWithoutADataset) {
  for (const char* name : {"hf32/probs", "hf32/logits", "truth/probs", "truth/logits", "inputs/uniform", "sequences",
                           "inputs/attention_mask", "inputs/input_ids"}) {
    copy.remove(std::string("/generation/") + name);
    EXPECT_EQ(refusal(), std::string("/generation/") + name + ": expected a dataset, found none");
    write_generation(copy, run);
  }
}

TEST_F(GenerationOfAGolden, IsRefusedWithAnotherShape) {
  RecordedGeneration other = run;
  other.uniform = Tensor<double, 2>({2, 2});
  write_generation(copy, other);
  EXPECT_EQ(refusal(), "/generation/inputs/uniform: expected [3, 2], found [2, 2]");
  other = run;
  other.hf32_logits = Tensor<double, 3>({3, 2, 30});
  write_generation(copy, other);
  EXPECT_EQ(refusal(), "/generation/hf32/logits: expected [3, 2, 31], found [3, 2, 30]");
  other = run;
  other.attention_mask = Tensor<std::int64_t, 2>({2, 1});
  write_generation(copy, other);
  EXPECT_EQ(refusal(), "/generation/inputs/attention_mask: expected [2, 2], found [2, 1]");
  other = run;
  other.sequences = other.input_ids;
  write_generation(copy, other);
  EXPECT_EQ(refusal(), "/generation/sequences: expected [2, 3 to 5], found [2, 2]");
}

TEST_F(GenerationOfAGolden, IsRefusedWithTokensThatAreNone) {
  EXPECT_EQ(refusal_of("inputs/input_ids", 0, 31),
            "/generation/inputs/input_ids: expected 0 to 30 (vocab_size 31), found 31");
  write_generation(copy, run);
  EXPECT_EQ(refusal_of("inputs/attention_mask", 0, 2),
            "/generation/inputs/attention_mask: expected only 0 and 1, found 2");
  write_generation(copy, run);
  EXPECT_EQ(refusal_of("sequences", 4, -1), "/generation/sequences: expected 0 to 30 (vocab_size 31), found -1");
  write_generation(copy, run);
  EXPECT_EQ(refusal_of("sequences", 0, 9), "/generation/sequences[0, 0]: expected 3 as in input_ids, found 9");
}

TEST_F(GenerationOfAGolden, IsRefusedWhereItDoesNotEndAsGenerateDoes) {
  copy.attribute("/generation", "max_new_tokens", std::int64_t{4});
  EXPECT_EQ(refusal(),
            "/generation/sequences: expected 4 steps, or an end of every row, found 3 steps and 0 of 2 rows ended");
  RecordedGeneration ended = run;
  ended.eos_token_id = {run.token(0, 0)};
  ended.pad_token_id = run.token(1, 0) == 9 ? 8 : 9;
  write_generation(copy, ended);
  EXPECT_EQ(refusal(), "/generation/sequences[0, 3]: expected " + std::to_string(*ended.pad_token_id) +
                           ", the pad behind an end of text, found " + std::to_string(run.token(1, 0)));
}

TEST_F(GenerationOfAGolden, IsRefusedWithNumbersThatAreNone) {
  copy.edit<double>("/generation/inputs/uniform", [](std::vector<double>& values) { values[2] = 1.0; });
  EXPECT_EQ(refusal(), "/generation/inputs/uniform: expected 0 or more, below 1, found 1");
  write_generation(copy, run);
  copy.edit<double>("/generation/truth/logits",
                    [](std::vector<double>& values) { values[2] = std::numeric_limits<double>::infinity(); });
  EXPECT_EQ(refusal(), "/generation/truth/logits: expected finite numbers, found inf");
  write_generation(copy, run);
  copy.edit<double>("/generation/truth/probs", [](std::vector<double>& values) { values[2] = -0.5; });
  EXPECT_EQ(refusal(), "/generation/truth/probs: expected probabilities, found -0.5");
  write_generation(copy, run);
  copy.edit<double>("/generation/truth/probs", [](std::vector<double>& values) { values[2] += 0.5; });
  EXPECT_TRUE(refusal().starts_with("/generation/truth/probs: expected rows that sum to 1, found 1.5"));
}

}  // namespace
}  // namespace assay::test
