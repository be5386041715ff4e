// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The cases of a registry as a program of Google Benchmark, with its options. Beside the times it reports
//   FLOP/s, bytes/s   what a call needs by the model's count (Case::cost) over its time
//   share_of_roof     max(FLOP / peak, bytes / bandwidth) over its time, of roofs measured at the program's begin;
//   above 1
//                     where a cache gave the bytes
//   allocs_per_iter, max_bytes_used   in JSON: what the calls allocate (allocations.hpp), operands and outputs apart
// Each case is timed warm; those that wait for weights, keys or states also as NAME/cold (rotation.hpp).
#pragma once

#include "bench/micro/case.hpp"

namespace assay::bench::micro {

/// Returns the exit code: 2 for an option that is not known and for a filter that no benchmark matches.
[[nodiscard]] int run_benchmarks(const Registry& registry, int argument_count, char** arguments);

}  // namespace assay::bench::micro
