// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "tests/laws/every_engine.hpp"

namespace assay::test {

std::vector<Which> engines_of_build() { return {Which::reference_f64, Which::reference_f32}; }

std::unique_ptr<Engine> optimized_engine(const Config& /*config*/, const Weights& /*weights*/) {
  throw std::logic_error("this build has no optimized engine");
}

}  // namespace assay::test
