// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What Google Benchmark's layout has no place for: the object "assay" of a result file, schema assay.bench/1.
#pragma once

#include <boost/json/object.hpp>

#include "bench/result/fields.hpp"
#include "bench/result/result.hpp"

namespace assay::bench {

[[nodiscard]] boost::json::object to_extras(const Result& result);

/// Fills in `result`, whose rows are read from the entries, and gives its samples their exact seconds. `file` is the
/// object that holds "assay". Throws Error.
void read_extras(const Fields& file, Result& result);

}  // namespace assay::bench
