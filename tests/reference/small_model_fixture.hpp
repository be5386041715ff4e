// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The reference engine on a small model, in one precision.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>

#include "reference/engine.hpp"
#include "tests/support/small_model.hpp"

namespace assay::test {

/// One small model in one precision.
class SmallModelTest : public testing::TestWithParam<std::tuple<SmallModel, Precision>> {
 protected:
  SmallModelTest()
      : config_(parse_config(model().config_text, "config.json")), made_up_(config_), weights_(made_up_.weights()) {}

  [[nodiscard]] const SmallModel& model() const { return std::get<0>(GetParam()); }
  [[nodiscard]] Precision precision() const { return std::get<1>(GetParam()); }
  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] const MadeUpWeights& made_up() const { return made_up_; }
  [[nodiscard]] std::unique_ptr<Engine> engine() const { return engine(precision()); }
  [[nodiscard]] std::unique_ptr<Engine> engine(Precision precision) const {
    return reference::make_engine(config_, weights_, precision);
  }

  /// How far two orders of summation may be apart, relative to the largest logit.
  [[nodiscard]] double tolerance() const { return precision() == Precision::f64 ? 1e-12 : 1e-5; }

 private:
  Config config_;
  MadeUpWeights made_up_;
  Weights weights_;
};

/// "phimoe_f32"
[[nodiscard]] inline std::string name_of(const testing::TestParamInfo<SmallModelTest::ParamType>& info) {
  return std::get<0>(info.param).name + "_" + std::string(name(std::get<1>(info.param)));
}

}  // namespace assay::test
