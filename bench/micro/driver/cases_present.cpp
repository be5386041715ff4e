// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// For a build with the optimized engine.
#include "bench/micro/driver/cases.hpp"
#include "bench/micro/optimized/cases.hpp"
#include "bench/micro/reference/cases.hpp"

namespace assay::bench::micro {

Registry all_cases() {
  Registry registry;
  optimized_cases::add_cases(registry);
  reference_cases::add_cases(registry);
  return registry;
}

}  // namespace assay::bench::micro
