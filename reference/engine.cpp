// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/engine.hpp"

#include "reference/models/granite_moe.hpp"
#include "reference/models/granite_moe_hybrid.hpp"
#include "reference/models/granite_moe_shared.hpp"
#include "reference/models/phimoe.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

/// Which class computes which config; an architecture without a line here does not compile.
template <class T>
struct EngineOf {
  const Weights& weights;

  std::unique_ptr<Engine> operator()(const GraniteMoeConfig& config) const {
    return std::make_unique<GraniteMoe<T>>(config, weights);
  }
  std::unique_ptr<Engine> operator()(const GraniteMoeSharedConfig& config) const {
    return std::make_unique<GraniteMoeShared<T>>(config, weights);
  }
  std::unique_ptr<Engine> operator()(const GraniteMoeHybridConfig& config) const {
    return std::make_unique<GraniteMoeHybrid<T>>(config, weights);
  }
  std::unique_ptr<Engine> operator()(const PhimoeConfig& config) const {
    return std::make_unique<Phimoe<T>>(config, weights);
  }
};

}  // namespace

std::unique_ptr<Engine> make_engine(const Config& config, const Weights& weights, Precision precision) {
  if (precision == Precision::f64) return std::visit(EngineOf<double>{weights}, config);
  return std::visit(EngineOf<float>{weights}, config);
}

std::unique_ptr<Engine> make_gauge_engine(const Config& config, const Weights& weights) {
  return std::visit(EngineOf<Gauged>{weights}, config);
}

}  // namespace assay::reference
