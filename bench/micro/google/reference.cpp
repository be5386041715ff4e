// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The micro-benchmarks of the reference engine.
#include "bench/micro/google/programs.hpp"
#include "bench/micro/reference/cases.hpp"

int main(int count, char** values) {
  assay::bench::micro::Registry registry;
  assay::bench::micro::reference_cases::add_cases(registry);
  return run_benchmarks(registry, count, values);
}
