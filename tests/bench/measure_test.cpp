// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A number counts only where what was timed is right.
#include "bench/throughput/measure.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "reference/engine.hpp"
#include "tests/support/small_model.hpp"

namespace assay::bench {
namespace {

/// The reference, given other tokens than it was asked for in the calls that `goes_wrong` names by their number and
/// length.
class Misled final : public Engine {
 public:
  using WhichCalls = std::function<bool(std::size_t number, std::size_t length)>;

  Misled(Engine& engine, WhichCalls goes_wrong) : engine_(engine), goes_wrong_(std::move(goes_wrong)) {}

  [[nodiscard]] std::string_view engine_name() const override { return "misled"; }
  [[nodiscard]] Precision precision() const override { return engine_.precision(); }
  void reset() override { engine_.reset(); }
  SiteValue forward(const Call& call, const Probe& probe) override {
    Call changed = call;
    std::vector<std::int64_t> ids(call.input_ids.flat().begin(), call.input_ids.flat().end());
    if (goes_wrong_(calls_++, call.length())) ids.front() = (ids.front() + 1) % 7;
    changed.input_ids = {ids.data(), call.input_ids.extents()};
    return engine_.forward(changed, probe);
  }

  [[nodiscard]] std::size_t calls() const { return calls_; }

 private:
  Engine& engine_;
  WhichCalls goes_wrong_;
  std::size_t calls_ = 0;
};

class Measure : public testing::TestWithParam<test::SmallModel> {
 protected:
  Measured run(const Misled::WhichCalls& goes_wrong, bool profile = false) {
    Misled engine(*f32_, goes_wrong);
    PeakMeter memory;
    Measuring wanted;
    wanted.workloads = workloads({.prompts = {3, 6}, .decode = 4, .depths = {0, 5}, .batches = {1, 2}});
    wanted.repeat = 3;
    wanted.profile = profile;
    Measured measured = measure(engine, config_, {*f64_, *peer_}, wanted, memory);
    phases_ = memory.phases();
    calls_ = engine.calls();
    return measured;
  }

  static std::vector<std::string> invalid(const Measured& measured) {
    std::vector<std::string> names;
    for (const Row& row : measured.rows) {
      if (!row.invalid.empty()) names.push_back(row.name);
    }
    return names;
  }

  Config config_ = parse_config(GetParam().config_text, GetParam().name);
  test::MadeUpWeights made_up_{config_};
  Weights weights_ = made_up_.weights();
  std::unique_ptr<Engine> f32_ = reference::make_engine(config_, weights_, Precision::f32);
  std::unique_ptr<Engine> peer_ = reference::make_engine(config_, weights_, Precision::f32);
  std::unique_ptr<Engine> f64_ = reference::make_engine(config_, weights_, Precision::f64);
  std::vector<MemoryPhase> phases_;
  std::size_t calls_ = 0;
};

TEST_P(Measure, GivesEveryWorkloadItsSamplesAndNamesNoneInvalidWhereAllIsRight) {
  const Measured measured = run([](std::size_t, std::size_t) { return false; });
  EXPECT_EQ(measured.rows.size(), 12U);
  for (const Row& row : measured.rows) {
    EXPECT_EQ(row.invalid, "") << row.name;
    EXPECT_EQ(row.samples.size(), 3U) << row.name;
    EXPECT_GT(row.counters.at("tokens/s"), 0) << row.name;
    EXPECT_GT(row.counters.at("flops"), 0) << row.name;
    EXPECT_EQ(row.samples.front().iterations, row.name.starts_with("decode") ? 4U : 1U) << row.name;
  }
  EXPECT_TRUE(measured.rows[2].counters.contains("latency_p99"));
  EXPECT_TRUE(measured.rows[0].counters.contains("time_to_first_token"));
}

TEST_P(Measure, SaysWhatMemoryEachPhaseTook) {
  static_cast<void>(run([](std::size_t, std::size_t) { return false; }));
  ASSERT_EQ(phases_.size(), 3U);
  EXPECT_EQ(phases_[0].name, "check");
  EXPECT_EQ(phases_[1].name, "prefill");
  EXPECT_EQ(phases_[2].name, "decode");
  for (const MemoryPhase& phase : phases_) EXPECT_GE(phase.peak_bytes, phase.after_bytes) << phase.name;
}

TEST_P(Measure, CallsAllInvalidWhereTheEngineComputesOtherTokens) {
  const Measured measured = run([](std::size_t, std::size_t) { return true; });
  EXPECT_EQ(invalid(measured).size(), measured.rows.size());
  EXPECT_NE(measured.rows.front().invalid.find("of the first 4 tokens: expected within"), std::string::npos)
      << measured.rows.front().invalid;
}

TEST_P(Measure, CallsDecodingInvalidWhereItGoesOnOtherwiseThanAPromptOfTheSameTokens) {
  const Measured measured = run([](std::size_t, std::size_t length) { return length == 1; });
  for (const Row& row : measured.rows) {
    if (row.name.starts_with("decode/tokens:4/depth:0")) {
      EXPECT_NE(row.invalid, "") << row.name;
    }
    if (row.name.starts_with("prefill") && row.name.find("depth:0") != std::string::npos) {
      EXPECT_EQ(row.invalid, "") << row.name;
    }
  }
}

TEST_P(Measure, CallsARowInvalidWhereATimedCallGivesOtherBitsThanTheCheckedOne) {
  const Measured right = run([](std::size_t, std::size_t) { return false; });
  // The last timed call is that of the last row's last repetition.
  const std::size_t last = calls_ - 1;
  const Measured measured = run([last](std::size_t number, std::size_t) { return number == last; });
  EXPECT_EQ(invalid(measured), (std::vector<std::string>{"decode/tokens:4/depth:5/batch:2"}));
  EXPECT_EQ(measured.rows.back().invalid, "repetition 3: expected the bits of the checked run, found others");
}

TEST_P(Measure, CountsTheTokensOfEveryExpert) {
  const std::size_t experts = common(config_).num_local_experts;
  const Measured measured = run([](std::size_t, std::size_t) { return false; });
  if (experts == 0) {
    EXPECT_TRUE(measured.experts.empty());
    return;
  }
  ASSERT_EQ(measured.experts.size(), 2 * common(config_).num_hidden_layers);
  std::uint64_t chosen = 0;
  for (const std::uint64_t tokens : measured.experts.front().tokens) chosen += tokens;
  // Prompts of 3 and 6 tokens at two depths, with one row and with two.
  EXPECT_EQ(chosen, (3U + 6U) * 2 * 3 * experts_per_token(config_));
}

TEST_P(Measure, ProfilesThePlacesOfACall) {
  const Measured measured = run([](std::size_t, std::size_t) { return false; }, true);
  ASSERT_EQ(measured.profiles.size(), 2U);
  EXPECT_EQ(measured.profiles[0]->calls().size(), 1U);
  EXPECT_EQ(measured.profiles[1]->calls().size(), 4U);
  double sum = 0;
  std::set<std::size_t> layers;
  for (const LedgerRow& row : measured.ledger) {
    EXPECT_GE(row.seconds, 0) << row.group;
    if (row.phase == "prefill") sum += row.seconds;
    if (row.layer) layers.insert(*row.layer);
  }
  // Spans have no gaps between them: together they are the call, up to the rounding of their sum.
  EXPECT_NEAR(sum, measured.profiles[0]->seconds(), 1e-9);
  EXPECT_EQ(layers.size(), common(config_).num_hidden_layers);
}

INSTANTIATE_TEST_SUITE_P(Bench, Measure, testing::ValuesIn(test::small_models()),
                         [](const auto& model) { return model.param.name; });

}  // namespace
}  // namespace assay::bench
