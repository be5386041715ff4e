// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Results in files, in the layout of Google Benchmark's JSON, so that its tools read them: "context" and "benchmarks"
// with one entry a sample ("run_type": "iteration", "repetition_index"), followed by the entries of median, mean,
// stddev and cv. What that layout has no place for stands under "assay" beside the two, with the schema assay.bench/1.
#pragma once

#include <string>
#include <string_view>

#include "bench/result/result.hpp"

namespace assay::bench {

inline constexpr std::string_view schema = "assay.bench/1";

[[nodiscard]] std::string to_json(const Result& result);

/// Reads what to_json writes, and what Google Benchmark itself writes with --benchmark_format=json (then machine,
/// settings and all that stands under "assay" come from its context as far as it says them). `origin` names the file in
/// messages. Throws Error: no or truncated JSON, another schema, no benchmarks, a row without samples, a time that is
/// negative, zero or no finite number, two rows of one name, a control with another number of samples.
[[nodiscard]] Result parse_result(std::string_view text, const std::string& origin);

/// parse_result of a file. Throws Error.
[[nodiscard]] Result read_result(const std::string& path);

}  // namespace assay::bench
