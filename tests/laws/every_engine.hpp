// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// One test text for every engine of the build: the reference in both precisions, and the optimized one where it is
// built.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "reference/engine.hpp"
#include "tests/support/small_model.hpp"

namespace assay::test {

enum class Which { reference_f64, reference_f32, optimized };

/// Those of this build (optimized_present.cpp, optimized_absent.cpp).
[[nodiscard]] std::vector<Which> engines_of_build();

/// On two threads; only where engines_of_build() has it.
[[nodiscard]] std::unique_ptr<Engine> optimized_engine(const Config& config, const Weights& weights);

class EveryEngineTest : public testing::TestWithParam<std::tuple<SmallModel, Which>> {
 protected:
  EveryEngineTest() : config_(parse_config(std::get<0>(GetParam()).config_text, "config.json")), made_up_(config_) {}

  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] const MadeUpWeights& made_up() const { return made_up_; }
  [[nodiscard]] Which which() const { return std::get<1>(GetParam()); }
  [[nodiscard]] bool is_reference() const { return which() != Which::optimized; }

  /// Borrows the weights.
  [[nodiscard]] std::unique_ptr<Engine> engine(const Weights& weights) const {
    if (which() == Which::optimized) return optimized_engine(config_, weights);
    return reference::make_engine(config_, weights, which() == Which::reference_f64 ? Precision::f64 : Precision::f32);
  }

  /// How far two orders of summation may be apart, relative to the largest logit.
  [[nodiscard]] double reassociated() const { return which() == Which::reference_f64 ? 1e-12 : 1e-5; }

 private:
  Config config_;
  MadeUpWeights made_up_;
};

[[nodiscard]] inline auto every_engine_on(const std::vector<SmallModel>& models) {
  return testing::Combine(testing::ValuesIn(models), testing::ValuesIn(engines_of_build()));
}

/// "phimoe_optimized"
[[nodiscard]] inline std::string name_of_engine(const testing::TestParamInfo<EveryEngineTest::ParamType>& info) {
  const Which which = std::get<1>(info.param);
  const std::string engine = which == Which::optimized       ? "optimized"
                             : which == Which::reference_f32 ? "reference_f32"
                                                             : "reference_f64";
  return std::get<0>(info.param).name + "_" + engine;
}

}  // namespace assay::test
