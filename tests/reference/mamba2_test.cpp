// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/mamba2.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reference/engine.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/small_model.hpp"

namespace assay::test {
namespace {

/// Layer 0 of a hybrid: 12 heads, 96 inner and 192 convolved channels, four taps.
class Mamba2 : public testing::Test {
 protected:
  Mamba2()
      : config_(
            parse_config(with(granite_moe_hybrid_text(), R"("time_step_limit": [0.3, 0.5], "mamba_proj_bias": true)"),
                         "config.json")),
        made_up_(config_),
        engine_(reference::make_engine(config_, made_up_.weights(), Precision::f64)) {}

  [[nodiscard]] Recorder shown_by(const OwnedCall& call) const {
    Recorder recorder;
    (void)run(*engine_, call, Probe(&recorder));
    return recorder;
  }

  [[nodiscard]] static const std::vector<double>& at(const Recorder& recorder, Site site) {
    return recorder.at(site, LayerIndex{0}).values;
  }

  /// softplus(dt_raw + dt_bias), the steps before any limit.
  [[nodiscard]] std::vector<double> free_steps(const Recorder& recorder) const {
    const std::vector<double>& projected = at(recorder, Site::in_proj);
    const std::vector<float>& bias = made_up_.values("model.layers.0.mamba.dt_bias");
    std::vector<double> steps;
    for (std::size_t token = 0; token < projected.size() / 300; ++token) {
      for (std::size_t head = 0; head < 12; ++head) {
        steps.push_back(std::log1p(std::exp(projected[token * 300 + 288 + head] + static_cast<double>(bias[head]))));
      }
    }
    return steps;
  }

  void expect_clamped(const Recorder& recorder) const {
    std::vector<double> steps = free_steps(recorder);
    for (double& step : steps) step = std::clamp(step, 0.3, 0.5);
    expect_close(at(recorder, Site::ssm_dt), steps, 1e-14);
  }

  Config config_;
  MadeUpWeights made_up_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(Mamba2, ClampsItsStepsExceptWhereOneTokenContinues) {
  const OwnedCall one{.input_ids = {{7}}, .use_cache = true};
  OwnedCall next = one;
  next.continues = true;
  expect_clamped(shown_by({.input_ids = {{3, 91, 40}}, .use_cache = true}));
  const Recorder decoded = shown_by(next);
  expect_close(at(decoded, Site::ssm_dt), free_steps(decoded), 1e-14);
  const auto [least, most] = std::ranges::minmax(at(decoded, Site::ssm_dt));
  EXPECT_LT(least, 0.3) << "else nothing was to clamp";
  EXPECT_GT(most, 0.5) << "else nothing was to clamp";
  expect_clamped(shown_by({.input_ids = {{1, 2}}, .use_cache = true, .continues = true}));
  expect_clamped(shown_by(one));
}

TEST_F(Mamba2, TakesPaddingForZerosBeforeTheProjection) {
  const Recorder padded = shown_by({.input_ids = {{7, 3}}, .attention_mask = {{0, 1}}});
  // Of a zero the projection leaves its bias: in the gate, the channels and the steps alike.
  const std::vector<float>& bias = made_up_.values("model.layers.0.mamba.in_proj.bias");
  for (std::size_t i = 0; i < 300; ++i) {
    ASSERT_EQ(at(padded, Site::in_proj)[i], static_cast<double>(bias[i])) << "column " << i;
  }
  // A bias in the window of the real token: it does not see the same as without the padding.
  const Recorder alone = shown_by({.input_ids = {{3}}});
  EXPECT_NEAR(at(padded, Site::in_proj)[300], at(alone, Site::in_proj)[0], 1e-12);
  EXPECT_GT(std::abs(at(padded, Site::conv_out)[192] - at(alone, Site::conv_out)[0]), 1e-6);
}

TEST_F(Mamba2, AddsNothingOfPaddingToItsState) {
  const Recorder padded = shown_by({.input_ids = {{7, 7, 7}}, .attention_mask = {{0, 0, 0}}, .use_cache = true});
  EXPECT_TRUE(std::ranges::all_of(at(padded, Site::ssm_state), [](double value) { return value == 0; }));
  EXPECT_TRUE(std::ranges::any_of(at(padded, Site::conv_state), [](double value) { return value != 0; }));
}

TEST_F(Mamba2, KeepsAllColumnsOfTheWindowZerosFirst) {
  const Recorder shown = shown_by({.input_ids = {{3, 91}}, .use_cache = true});
  const std::vector<double>& projected = at(shown, Site::in_proj);
  for (std::size_t channel = 0; channel < 192; ++channel) {
    const double* const columns = at(shown, Site::conv_state).data() + channel * 4;
    ASSERT_EQ(columns[0], 0);
    ASSERT_EQ(columns[1], 0);
    ASSERT_EQ(columns[2], projected[96 + channel]);
    ASSERT_EQ(columns[3], projected[300 + 96 + channel]);
  }
}

TEST_F(Mamba2, StepsFromConvolvedChannelsAndOwnGroup) {
  // One token from a zero state: S[h, p, n] = dt_h x[h, p] B[g, n]; head 7 of 12 is of group 1 of 3.
  const Recorder shown = shown_by({.input_ids = {{3}}, .use_cache = true});
  const std::vector<double>& conv = at(shown, Site::conv_out);
  const double dt = at(shown, Site::ssm_dt)[7];
  double sum = 0;
  for (std::size_t n = 0; n < 16; ++n) {
    const double state = dt * conv[7 * 8 + 2] * conv[96 + 16 + n];
    ASSERT_NEAR(at(shown, Site::ssm_state)[(7 * 8 + 2) * 16 + n], state, 1e-14);
    sum += state * conv[96 + 48 + 16 + n];
  }
  const auto skip = static_cast<double>(made_up_.values("model.layers.0.mamba.D")[7]);
  EXPECT_NEAR(at(shown, Site::ssm_out)[7 * 8 + 2], sum + skip * conv[7 * 8 + 2], 1e-14);
}

}  // namespace
}  // namespace assay::test
