// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a coordinator of two programs says to each of them, a line at a time, and what it is answered, one line each:
//   prepare NAME [N]   ok ITERATIONS                    builds the operands anew, warms up; with N a sample is N calls,
//                                                       without as many as take 15 ms
//   sample NAME        ok REAL_NS CPU_NS ITERATIONS     one sample; times of one call, CPU of the process
//   digest NAME        ok HEX                           of the outputs of a first call: equal programs answer the same
//   slow NAME FACTOR   ok                               samples are drawn out from now on, until `release` or `prepare`
//   release NAME       ok                               the operands are gone
//   quit               ok                               as the end of the input
// Whatever else: "error TEXT". `sample`, `digest`, `slow` and `release` are for cases that are prepared.
#pragma once

#include <iosfwd>

#include "bench/micro/case.hpp"

namespace assay::bench::micro {

void serve(const Registry& registry, std::istream& in, std::ostream& out);

}  // namespace assay::bench::micro
