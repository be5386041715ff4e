// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Stored results in the order of their dates: what became of each row, by machine and settings.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "bench/result/result.hpp"
#include "bench/statistics/steps.hpp"

namespace assay::bench {

/// One row of one stored result.
struct Point {
  std::string date;    ///< ISO 8601, of the result
  std::string commit;  ///< "" where unknown
  std::string file;    ///< its name in the folder
  double seconds = 0;  ///< median of the samples
  double low = 0;      ///< 95 % interval of the median
  double high = 0;
  std::size_t samples = 0;
};

struct Trend {
  std::string name;           ///< of the row
  std::vector<Point> points;  ///< at least one, in the order of dates; rows that are invalid have none
  std::vector<Step> steps;    ///< their places are places in `points`
};

/// Results that may stand on one curve: the same machine, measured in the same way.
struct HistoryGroup {
  std::map<std::string, std::string> machine;
  std::map<std::string, std::string> settings;
  std::size_t results = 0;
  std::vector<Trend> rows;  ///< in the order in which the oldest result has them
};

struct History {
  std::string folder;
  std::vector<HistoryGroup> groups;   ///< in the order of their oldest results
  std::vector<std::string> warnings;  ///< "FILE: benchmark "NAME" is left out: ...", of invalid rows
};

/// A result and the file that it came from.
struct StoredResult {
  std::string file;
  Result result;
};

/// Sorts `results` by date and finds the steps of every row. Throws Error for a date that is none, and where there are
/// no results.
[[nodiscard]] History make_history(const std::string& folder, std::vector<StoredResult> results,
                                   const StepOptions& options = {});

}  // namespace assay::bench
