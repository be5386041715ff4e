// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/engine.hpp"
#include "tests/laws/every_engine.hpp"

namespace assay::test {

std::vector<Which> engines_of_build() { return {Which::reference_f64, Which::reference_f32, Which::optimized}; }

std::unique_ptr<Engine> optimized_engine(const Config& config, const Weights& weights) {
  return optimized::make_engine(config, weights, {.threads = 2});
}

}  // namespace assay::test
