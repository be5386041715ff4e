// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The rows of a result as the "benchmarks" of Google Benchmark's JSON, version 1.7.1.
#pragma once

#include <boost/json/array.hpp>
#include <vector>

#include "bench/result/fields.hpp"
#include "bench/result/result.hpp"

namespace assay::bench {

/// An entry a sample, times in nanoseconds; behind those of a row its mean, median, stddev and cv. An invalid row has
/// error_occurred, and an entry without times where it has no samples. Throws Error for two rows of one name, for a row
/// without samples that is not invalid, and for a counter named as a key of the layout.
[[nodiscard]] boost::json::array to_entries(const std::vector<Row>& rows);

/// Name, samples, threads, counters (the median over the entries) and `invalid` of each row, in the order of their
/// first entries. `file` is the object that holds "benchmarks". Throws Error.
[[nodiscard]] std::vector<Row> read_entries(const Fields& file);

/// "FILE: benchmark "NAME""
[[nodiscard]] std::string row_place(const std::string& file, const std::string& name);

/// Throws Error unless `seconds`, of `fields` at `key`, is finite and above 0.
void expect_time(const Fields& fields, std::string_view key, double seconds);

}  // namespace assay::bench
