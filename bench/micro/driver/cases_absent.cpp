// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// For a build without the optimized engine.
#include "bench/micro/driver/cases.hpp"
#include "bench/micro/reference/cases.hpp"

namespace assay::bench::micro {

Registry all_cases() {
  Registry registry;
  reference_cases::add_cases(registry);
  return registry;
}

}  // namespace assay::bench::micro
