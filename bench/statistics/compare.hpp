// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Compares two results row by row. docs/benchmarking.md has the rule in words and the measurements behind it.
#pragma once

#include <cstddef>
#include <string>

#include "bench/result/result.hpp"
#include "bench/statistics/comparison.hpp"

namespace assay::bench {

/// The numbers of the rule. Effects are shares: 0.03 is 3 %.
struct Rule {
  /// The least effect that counts in samples taken in turns, and in samples taken at different times: equal programs
  /// measured one after the other differ by up to 7 % on a shared machine.
  double least_floor = 0.03;
  double least_floor_apart = 0.10;
  /// A floor wider than this, and than the least, does not let SAME be said.
  double widest_same = 0.05;
  /// What the second opinion's p may be, after Holm.
  double level = 0.05;
  /// Fewer pairs, or samples an arm, decide nothing: the second opinion could not reach the level.
  std::size_t fewest_pairs = 6;
  std::size_t fewest_apart = 5;
  /// Instructions have no noise: what they may differ by.
  double instructions = 0.005;
};

struct CompareOptions {
  std::string base_file;  ///< names of the results in messages
  std::string fresh_file;
  bool across_machines = false;
  bool across_settings = false;
  Rule rule{};
};

/// Results of the same pairing are compared by their pairs, others as independent samples. The setting
/// "samples_per_launch" says how many samples in a row come from one launch of the process, "samples_per_pair" of how
/// many the quickest counts. Rows of equal code without samples are SAME-CODE. Throws Error, in one line, for results
/// of different machines or settings unless that is allowed (then the comparison warns), for benchmarks that only one
/// of them has, and for pairs of which one is missing.
[[nodiscard]] Comparison compare(const Result& base, const Result& fresh, const CompareOptions& options = {});

}  // namespace assay::bench
