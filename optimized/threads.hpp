// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Threads with a fixed partition: which part of the work a thread gets depends on nothing but the number of threads,
// so the same number gives the same bits, run after run.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstddef>

namespace assay::optimized {

/// Items first to last - 1.
struct Range {
  std::size_t first = 0;
  std::size_t last = 0;
  [[nodiscard]] std::size_t count() const { return last - first; }
};

/// Part `index` of `parts` of `count` items: as even as whole items allow, in order.
[[nodiscard]] inline Range part_of(std::size_t count, std::size_t parts, std::size_t index) {
  return {count * index / parts, count * (index + 1) / parts};
}

class Threads {
 public:
  /// `count` >= 1.
  explicit Threads(std::size_t count) : count_(count) {}

  [[nodiscard]] std::size_t count() const { return count_; }

  /// Calls work(part) for every part 0 to count() - 1, each on one thread. `work` must not throw. Parts, not threads:
  /// where the system grants fewer threads than asked for, each takes several parts and the bits are the same.
  template <class Work>
  void run(const Work& work) const {
    if (count_ == 1) {
      work(std::size_t{0});
      return;
    }
    const std::size_t parts = count_;
#pragma omp parallel num_threads(static_cast <int>(parts))
    {
      const auto team = static_cast<std::size_t>(omp_get_num_threads());
      for (auto part = static_cast<std::size_t>(omp_get_thread_num()); part < parts; part += team) work(part);
    }
  }

  /// Calls work(Range) with `count` items spread evenly; on the calling thread alone where there are fewer than
  /// `worthwhile` items, as waking a thread costs about a microsecond.
  template <class Work>
  void split(std::size_t count, std::size_t worthwhile, const Work& work) const {
    if (count_ == 1 || count < worthwhile || count < 2) {
      if (count > 0) work(Range{0, count});
      return;
    }
    run([&](std::size_t part) {
      const Range range = part_of(count, count_, part);
      if (range.count() > 0) work(range);
    });
  }

 private:
  std::size_t count_;
};

}  // namespace assay::optimized
