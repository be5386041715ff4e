// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The optimized engine on a small model.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "optimized/engine.hpp"
#include "reference/engine.hpp"
#include "tests/support/small_model.hpp"

namespace assay::test {

class SmallEngineTest : public testing::TestWithParam<SmallModel> {
 protected:
  SmallEngineTest()
      : config_(parse_config(GetParam().config_text, "config.json")), made_up_(config_), weights_(made_up_.weights()) {}

  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] std::unique_ptr<Engine> engine(const optimized::EngineOptions& options = {}) const {
    return optimized::make_engine(config_, weights_, options);
  }
  /// The oracle, in float64.
  [[nodiscard]] std::unique_ptr<Engine> oracle() const {
    return reference::make_engine(config_, weights_, Precision::f64);
  }

 private:
  Config config_;
  MadeUpWeights made_up_;
  Weights weights_;
};

/// How far two orders of summation may be apart in float32, relative to the largest logit.
constexpr double tolerance = 1e-5;

[[nodiscard]] inline std::string name_of(const testing::TestParamInfo<SmallModel>& info) { return info.param.name; }

}  // namespace assay::test
