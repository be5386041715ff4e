// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// One operation, timed in samples of a fixed number of calls.
#pragma once

#include <cstdint>
#include <memory>

#include "bench/micro/case.hpp"
#include "bench/result/result.hpp"

namespace assay::bench::micro {

class TimedOperation {
 public:
  /// Builds the operands, calls until the best time of a call has settled (two minima one after the other within 1 %,
  /// two seconds at most), and chooses how many calls take 15 ms at least.
  explicit TimedOperation(const Case& timed);

  /// Builds the operands, and takes as many calls as it is told, after a third of them to warm up.
  TimedOperation(const Case& timed, std::uint64_t iterations);

  [[nodiscard]] std::uint64_t iterations() const { return iterations_; }

  /// The times of a call in the quickest eighth of `iterations()` calls, after one that is not timed.
  [[nodiscard]] Sample sample();

  /// From now on a sample is drawn out to `factor` >= 1 times what it takes by spinning within the time that is
  /// measured.
  void slow_down(double factor) { factor_ = factor; }

  /// As micro::digest.
  [[nodiscard]] std::uint64_t digest() { return micro::digest(*operation_); }

 private:
  [[nodiscard]] Sample measure(std::uint64_t calls);
  [[nodiscard]] double best_of_three(std::uint64_t calls);

  std::unique_ptr<Operation> operation_;
  std::uint64_t iterations_ = 1;
  double factor_ = 1.0;
};

}  // namespace assay::bench::micro
