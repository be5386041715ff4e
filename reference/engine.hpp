// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The reference engine: plain scalar loops, sums in double, no threads. It is meant to be read and believed.
#pragma once

#include <memory>

#include "model/config/manifest.hpp"
#include "model/engine.hpp"

namespace assay::reference {

/// Borrows the weights: their source must outlive the engine. Throws Error where the config asks for something that
/// this engine does not compute.
[[nodiscard]] std::unique_ptr<Engine> make_engine(const Config& config, const Weights& weights, Precision precision);

/// The same in float64, with the gauge of each value beside it (SiteValue::gauges, reference/gauged.hpp).
[[nodiscard]] std::unique_ptr<Engine> make_gauge_engine(const Config& config, const Weights& weights);

}  // namespace assay::reference
