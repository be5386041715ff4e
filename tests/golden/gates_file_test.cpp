// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// gates.json: what it says of the committed goldens, and that nobody can write into it what the runs of transformers do
// not say.
#include "golden/format/gates_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "golden/format/null_distribution.hpp"
#include "model/files/sha256.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::GatesFile;
using golden::GoldenFile;
using golden::NullDistribution;
using golden::Values;

constexpr std::string_view key = "\"sha256\": \"";

std::string committed_text() {
  std::ifstream file(committed_gates());
  return {std::istreambuf_iterator<char>(file), {}};
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

/// As whoever writes the file would: with its own hash.
void seal(std::string& text) {
  const std::size_t at = text.find(key) + key.size();
  text.replace(at, 64, std::string(64, '0'));
  text.replace(at, 64, sha256(std::as_bytes(std::span(text))));
}

class ChangedGates : public testing::Test {
 protected:
  enum class Hash { left, renewed };

  [[nodiscard]] std::string refusal(Hash hash, const std::function<void(std::string&)>& change) const {
    std::string text = committed_text();
    change(text);
    if (hash == Hash::renewed) seal(text);
    const auto path = folder.add("gates.json", text);
    return error_of([&] { GatesFile{path}; });
  }

  void expect_refusal(Hash hash, const std::string& reason, const std::function<void(std::string&)>& change) const {
    const std::string message = refusal(hash, change);
    EXPECT_NE(message.find(reason), std::string::npos) << message;
    EXPECT_TRUE(message.starts_with((folder.path() / "gates.json").string() + ": ")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }

  TemporaryFolder folder;
};

TEST(GatesFile, KnowsTheCommittedGoldens) {
  const GoldenFile golden(committed_golden("granitemoe_prefill"));
  const auto gates = GatesFile(committed_gates()).find(golden, Values::hf32);
  ASSERT_TRUE(gates);
  EXPECT_GE(gates->sites.at(Site::moe_out).tensor, 2.0);
  EXPECT_GE(gates->sites.at(Site::moe_out).bias, 8.0);
  EXPECT_FALSE(gates->sites.contains(Site::router_experts));
  ASSERT_TRUE(gates->logits);
  EXPECT_GE(gates->logits->max, 4.0);
}

TEST(GatesFile, DoesNotKnowAnotherCase) {
  GoldenCopy copy("granitemoe_prefill");
  copy.attribute("/", "case", "another");
  EXPECT_FALSE(GatesFile(committed_gates()).find(GoldenFile(copy.path()), Values::hf32));
}

TEST(GatesFile, RefusesAGoldenWhoseNullDistributionIsAnother) {
  GoldenCopy copy("granitemoe_prefill");
  copy.edit<double>("/calls/000/null/hf32/max", [](auto& values) { values[0] *= 2.0; });
  const GoldenFile golden(copy.path());
  const std::string message = error_of([&] { (void)GatesFile(committed_gates()).find(golden, Values::hf32); });
  EXPECT_NE(message.find("expected gates of its null distribution"), std::string::npos) << message;
}

TEST_F(ChangedGates, AreRefusedWhereTheHashIsNotThatOfTheText) {
  expect_refusal(Hash::left, "edited by hand",
                 [](std::string& text) { replace(text, "\"gates\": [2.0", "\"gates\": [3.0"); });
}

TEST_F(ChangedGates, AreReadWhereNothingWasChanged) {
  std::string text = committed_text();
  seal(text);
  EXPECT_EQ(text, committed_text());
}

TEST_F(ChangedGates, AreRefusedWhereAGateDoesNotFollowFromItsNull) {
  expect_refusal(Hash::renewed, "that follows from its null value",
                 [](std::string& text) { replace(text, "\"gates\": [2.0", "\"gates\": [3.0"); });
}

TEST_F(ChangedGates, AreRefusedBelowTheSpreadOfTheNull) {
  expect_refusal(Hash::renewed, "the spread of its null",
                 [](std::string& text) { replace(text, "\"gates\": [2.0", "\"gates\": [0.001"); });
}

TEST_F(ChangedGates, AreRefusedAboveTheCeiling) {
  expect_refusal(Hash::renewed, "beyond it a golden is not calibrated",
                 [](std::string& text) { replace(text, "\"gates\": [2.0", "\"gates\": [11.0"); });
}

TEST_F(ChangedGates, AreRefusedWhereTheFormulaItselfWasLoosened) {
  expect_refusal(Hash::renewed, "formula.tensor", [](std::string& text) {
    replace(text, "\"tensor\": {\"least\": 2.0", "\"tensor\": {\"least\": 2.5");
  });
}

TEST_F(ChangedGates, AreRefusedWhereANumberIsNone) {
  expect_refusal(Hash::renewed, "a finite number from 0 up",
                 [](std::string& text) { replace(text, "\"gates\": [2.0", "\"gates\": [NaN"); });
  expect_refusal(Hash::renewed, "a finite number from 0 up",
                 [](std::string& text) { replace(text, "\"gates\": [2.0", "\"gates\": [-1"); });
}

TEST_F(ChangedGates, AreRefusedWhereASiteIsUnknown) {
  expect_refusal(Hash::renewed, "names of sites",
                 [](std::string& text) { replace(text, "\"moe_out\"", "\"moe_uot\""); });
}

TEST_F(ChangedGates, AreRefusedInAnotherSchema) {
  expect_refusal(Hash::renewed, "schema", [](std::string& text) { replace(text, "assay.gates", "assay.goats"); });
  expect_refusal(Hash::renewed, "schema_version", [](std::string& text) {
    replace(text, "\"schema_version\": \"1.0\"", "\"schema_version\": \"2.0\"");
  });
}

TEST_F(ChangedGates, AreRefusedWhereTheTextEndsEarly) {
  const auto path = folder.add("gates.json", committed_text().substr(0, 5000));
  EXPECT_NE(error_of([&] { GatesFile{path}; }), "");
  EXPECT_NE(error_of([&] { GatesFile{folder.path() / "absent.json"}; }), "");
}

TEST(NullDistribution, IsThatOfTheGolden) {
  const GoldenFile golden(committed_golden("granitemoe_prefill"));
  const auto null = NullDistribution::read(golden, Values::hf32);
  ASSERT_TRUE(null);
  EXPECT_GE(null->runs(), NullDistribution::least_runs);
  const auto noise = null->find(CallIndex{0}, {Site::moe_out, LayerIndex{1}});
  ASSERT_TRUE(noise);
  EXPECT_EQ(noise->rows.size(), 12U);     // 2 rows of 6 tokens
  EXPECT_EQ(noise->columns.size(), 24U);  // hidden
  EXPECT_GT(noise->max_abs, 0.0);
  EXPECT_FALSE(null->find(CallIndex{0}, {Site::router_experts, LayerIndex{1}}));
  ASSERT_TRUE(null->logits(CallIndex{0}));
  EXPECT_GE(null->logits(CallIndex{0})->max, null->logits(CallIndex{0})->mean);
  EXPECT_FALSE(NullDistribution::read(golden, Values::hf_bf16));
}

TEST(NullDistribution, IsRefusedWhereItIsNone) {
  const auto message = [](const std::function<void(GoldenCopy&)>& change) {
    GoldenCopy copy("granitemoe_prefill");
    change(copy);
    const GoldenFile golden(copy.path());
    return error_of([&] { (void)NullDistribution::read(golden, Values::hf32); });
  };
  EXPECT_NE(
      message([](GoldenCopy& copy) { copy.attribute("/null", "runs", std::int64_t{3}); }).find("at least 16, found 3"),
      std::string::npos);
  EXPECT_NE(message([](GoldenCopy& copy) { copy.remove("/calls/000/null/hf32/rows"); }), "");
  EXPECT_NE(message([](GoldenCopy& copy) {
              copy.numbers("/calls/000/null/hf32/rows", {3}, std::vector<float>{1, 2, 3});
            }).find("expected ["),
            std::string::npos);
  EXPECT_NE(message([](GoldenCopy& copy) {
              copy.edit<float>("/calls/000/null/hf32/columns",
                               [](auto& values) { values[2] = std::numeric_limits<float>::infinity(); });
            }).find("element 2: expected a finite number"),
            std::string::npos);
}

}  // namespace
}  // namespace assay::test
