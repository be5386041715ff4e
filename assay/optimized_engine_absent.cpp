// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/optimized_engine.hpp"
#include "assay/options.hpp"

namespace assay {

bool has_optimized_engine() { return false; }

std::size_t default_threads() { return 1; }

std::unique_ptr<Engine> make_optimized_engine(const EngineSettings&, const Config&, const Weights&) {
  throw UsageError("--engine: expected an engine of this build (reference), found \"optimized\"");
}

bench::Roofs measure_roofs(std::size_t) { return {}; }

std::string blis_text() { return "not in this build"; }

}  // namespace assay
