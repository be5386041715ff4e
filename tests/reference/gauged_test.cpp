// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The algebra of gauges, in numbers that can be checked by hand, and the engine that computes in it.
#include "reference/gauged.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/site_plan.hpp"
#include "reference/ops/activation.hpp"
#include "reference/ops/linear.hpp"
#include "reference/ops/softmax.hpp"
#include "reference/ops/ssm.hpp"
#include "tests/reference/numbers.hpp"
#include "tests/reference/small_model_fixture.hpp"

namespace assay::reference {
namespace {

using test::matrix_of;
using test::tensor_of;
using test::vector_of;

/// Rounded once: its gauge is its size.
Gauged leaf(double value) { return {value, std::abs(value)}; }

void expect_gauged(const Gauged& actual, double value, double gauge) {
  EXPECT_NEAR(actual.value, value, 1e-14 * std::abs(value));
  EXPECT_NEAR(actual.gauge, gauge, 1e-14 * std::abs(gauge));
}

TEST(Gauged, SumsAndDifferencesAddGauges) {
  expect_gauged(leaf(3) + leaf(-4), -1, 7);
  expect_gauged(leaf(3) - leaf(4), -1, 7);
  expect_gauged(-leaf(3), -3, 3);
}

TEST(Gauged, AFactorScalesTheGaugeOfTheOther) {
  expect_gauged(leaf(3) * Gauged(-2), -6, 6);
  expect_gauged(leaf(3) * leaf(-4), -12, 24);
}

TEST(Gauged, AQuotientHasTheRelativeGaugesOfBoth) {
  expect_gauged(leaf(6) / Gauged(2), 3, 3);
  expect_gauged(leaf(6) / leaf(2), 3, 6);
}

TEST(Gauged, AnInfiniteDivisorLeavesNothing) {
  const Gauged gone = leaf(5) / exp(leaf(1000));
  EXPECT_EQ(gone.value, 0);
  EXPECT_EQ(gone.gauge, 0);
}

TEST(Gauged, WhatIsExactStaysExactUntilItIsComputedWith) {
  EXPECT_EQ(Gauged(7.0).gauge, 0);
  expect_gauged(Gauged(5) + Gauged(6), 11, 11);  // the sum is rounded
  expect_gauged(Gauged(100) + leaf(1), 101, 101);
}

TEST(Gauged, FunctionsScaleByTheirSlopeAndRoundOnce) {
  expect_gauged(exp(Gauged(0, 2)), 1, 2 + 1);
  expect_gauged(expm1(Gauged(0, 2)), 0, 2);
  expect_gauged(log1p(Gauged(1, 4)), std::log(2.0), 4 / 2.0 + std::log(2.0));
  expect_gauged(sqrt(leaf(4)), 2, 4 * 0.25 + 2);
  expect_gauged(sqrt(Gauged(0)), 0, 0);
  expect_gauged(tanh(Gauged(0, 5)), 0, 5);
  expect_gauged(erf(Gauged(0, 1)), 0, 2 / std::sqrt(std::acos(-1.0)));
  expect_gauged(abs(Gauged(-3, 2)), 3, 2);
}

TEST(Gauged, IsComparedByItsValue) {
  EXPECT_TRUE(Gauged(1, 9) < Gauged(2, 0));
  EXPECT_TRUE(Gauged(1, 9) == Gauged(1, 0));
  EXPECT_FALSE(Gauged(std::nan("")) < Gauged(1));
}

TEST(Gauged, APieceThatIsConstantIsExactUnlessRoundingMayLeaveIt) {
  const ActivationFunction relu{.kind = Activation::relu};
  expect_gauged(activate(relu, leaf(-1)), 0, 0);
  expect_gauged(activate(relu, leaf(2)), 2, 2);
  expect_gauged(activate(relu, Gauged(-1e-7, 1)), 0, 1);  // 16 * 2^-24 is 9.5e-7
  expect_gauged(clipped(leaf(9), -1, 1), 1, 0);
}

TEST(Gauged, SiluIsKnownToItsLastDigitsOnBothSides) {
  const Gauged left = silu(leaf(-10));
  // x / (1 + exp(-x)): 1 of x, and of the exponential 10 of its argument and 1 of its own.
  EXPECT_NEAR(left.gauge / std::abs(left.value), 12, 0.01);
  expect_gauged(silu(leaf(1000)), 1000, 2000);  // of x, and of 1 + exp(-x)
  EXPECT_EQ(silu(leaf(-1000)).gauge, 0);
}

TEST(GaugedOps, ALinearMapHasTheSumOfTheMagnitudes) {
  const Tensor<Gauged, 2> x = tensor_of<Gauged, 2>({1, 2}, {leaf(1), leaf(-2)});
  Tensor<Gauged, 2> y({1, 2});
  const test::Stored weight = matrix_of(2, {3, 4, -1, 1});
  linear<Gauged>(x.view(), weight.matrix(), std::nullopt, y.view());
  expect_gauged(y(0, 0), -5, 11);
  expect_gauged(y(0, 1), -3, 3);
  const test::Stored bias = vector_of({100, 3});
  linear<Gauged>(x.view(), weight.matrix(), bias.matrix(), y.view());
  expect_gauged(y(0, 0), 95, 95);
  expect_gauged(y(0, 1), 0, 3);
}

TEST(GaugedOps, ASoftmaxHasTheGaugesOfItsScores) {
  const double s = std::log(3.0);
  const Tensor<Gauged, 1> scores = tensor_of<Gauged, 1>({2}, {Gauged(0), leaf(s)});
  const Tensor<std::uint8_t, 1> visible = tensor_of<std::uint8_t, 1>({2}, {1, 1});
  Tensor<Gauged, 1> probs({2});
  masked_softmax<Gauged>(scores.view(), visible.view(), probs.view());
  const double first = (s + 1) / 3;  // exp(-s) of the gauge s
  const double second = 2 * s + 1;   // exp(0), score and maximum of the gauge s
  expect_gauged(probs(0), 0.25, (first + 0.25 * (first + second)) * 0.75);
  expect_gauged(probs(1), 0.75, (second + 0.75 * (first + second)) * 0.75);
}

TEST(GaugedOps, AScanAddsTheRoundingOfEachStep) {
  // One head of one channel and one state, which steps of length 0 neither feed nor let decay.
  const std::vector<Gauged> columns{leaf(0), leaf(0), leaf(3), leaf(0), leaf(0), leaf(3)};
  const Tensor<Gauged, 2> conv_out = tensor_of<Gauged, 2>({2, 3}, columns);
  const Tensor<Gauged, 2> dt({2, 1});
  Tensor<Gauged, 3> state = tensor_of<Gauged, 3>({1, 1, 1}, {leaf(2)});
  Tensor<Gauged, 2> y({2, 1});
  const test::Stored one = vector_of({0});
  ssm_scan<Gauged>(conv_out.view(), dt.view(), one.matrix(), one.matrix(), {1, 1, 1, 1}, state.view(), y.view());
  expect_gauged(y(0, 0), 6, 3 * 4 + 2 * 3);
  expect_gauged(y(1, 0), 6, 3 * 6 + 2 * 3);
  expect_gauged(state(0, 0, 0), 2, 6);
}

/// Gauges by site and layer; may set those of one site to nothing.
class Listener : public Observer, public Injector {
 public:
  std::map<std::string, std::vector<double>> gauges;
  std::map<std::string, std::vector<double>> values;
  std::optional<ProbePoint> made_exact;

  void observe(const ProbePoint& point, const SiteValue& value) override {
    gauges[to_string(point)] = {value.gauges.begin(), value.gauges.end()};
    values[to_string(point)] = test::to_doubles(value.values);
  }
  void inject(const ProbePoint& point, const MutableSiteValue& value) override {
    if (point == made_exact) std::ranges::fill(value.gauges, 0.0);
  }
};

class GaugeEngine : public testing::TestWithParam<test::SmallModel> {
 protected:
  /// A prompt and a token that continues it.
  [[nodiscard]] Listener heard(Engine& engine, std::optional<ProbePoint> made_exact = std::nullopt) const {
    Listener listener;
    listener.made_exact = made_exact;
    const Probe probe(&listener, &listener);
    static_cast<void>(test::run(engine, {.input_ids = {{3, 91, 40, 7}}, .use_cache = true}, probe));
    static_cast<void>(test::run(engine, {.input_ids = {{5}}, .use_cache = true, .continues = true}, probe));
    return listener;
  }

  Config config = parse_config(GetParam().config_text, "config.json");
  test::MadeUpWeights made_up{config};
  Weights weights = made_up.weights();
};

INSTANTIATE_TEST_SUITE_P(Of, GaugeEngine, testing::ValuesIn(test::small_models()),
                         [](const auto& of_model) { return of_model.param.name; });

TEST_P(GaugeEngine, ShowsTheValuesOfTheFloat64EngineAndAGaugeForEach) {
  const std::unique_ptr<Engine> plain = make_engine(config, weights, Precision::f64);
  const std::unique_ptr<Engine> gauged = make_gauge_engine(config, weights);
  EXPECT_EQ(gauged->precision(), Precision::f64);
  const Listener expected = heard(*plain);
  const Listener actual = heard(*gauged);
  EXPECT_EQ(actual.values, expected.values);
  for (const auto& [point, values] : expected.values) {
    EXPECT_TRUE(expected.gauges.at(point).empty()) << point;
    const std::vector<double>& gauges = actual.gauges.at(point);
    if (point.find("rope_inv_freq") != std::string::npos || point.find("attn_visible") != std::string::npos ||
        point.find("router_experts") != std::string::npos) {
      EXPECT_TRUE(gauges.empty()) << point;
      continue;
    }
    ASSERT_EQ(gauges.size(), values.size()) << point;
    for (std::size_t i = 0; i < gauges.size(); ++i) {
      EXPECT_TRUE(std::isfinite(gauges[i]) && gauges[i] >= std::abs(values[i])) << point << ", element " << i;
    }
  }
}

TEST_P(GaugeEngine, GoesOnWithTheGaugesThatItIsGiven) {
  const std::unique_ptr<Engine> engine = make_gauge_engine(config, weights);
  const Listener rounded = heard(*engine);
  const Listener exact = heard(*engine, ProbePoint{Site::attn_norm_out, LayerIndex{0}});
  const std::string first = exact.gauges.contains("layer 0 q_proj") ? "layer 0 q_proj" : "layer 0 in_proj";
  EXPECT_EQ(exact.values, rounded.values);
  double sum_rounded = 0;
  double sum_exact = 0;
  for (const double gauge : rounded.gauges.at(first)) sum_rounded += gauge;
  for (const double gauge : exact.gauges.at(first)) sum_exact += gauge;
  EXPECT_LT(sum_exact, 0.99 * sum_rounded);
}

}  // namespace
}  // namespace assay::reference
