// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Threads over fixed pieces of work: where a piece begins and ends depends on nothing but the sizes and the number of
// threads, and no result depends on which thread computes it, so the same number gives the same bits, run after run.
#pragma once

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>

#include "model/probe.hpp"

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
  explicit Threads(std::size_t count) : count_(count), taken_(count > 1 ? std::make_unique<Taken[]>(count) : nullptr) {}

  [[nodiscard]] std::size_t count() const { return count_; }

  /// From now on `timekeeper` is told when each of several threads worked; null: nobody.
  void watch(Timekeeper* timekeeper) { timekeeper_ = timekeeper; }

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
      const auto begin = timekeeper_ == nullptr ? Timekeeper::Clock::time_point() : Timekeeper::Clock::now();
      const auto thread = static_cast<std::size_t>(omp_get_thread_num());
      const auto team = static_cast<std::size_t>(omp_get_num_threads());
      for (std::size_t part = thread; part < parts; part += team) work(part);
      if (timekeeper_ != nullptr) timekeeper_->worked(thread, begin, Timekeeper::Clock::now());
    }
  }

  /// Calls work(part, piece) for every piece 0 to count() * each - 1, `part` being the caller's own as in run(). A part
  /// takes its own `each` pieces in order and then helps the others with theirs: on a machine that other programs use
  /// too, a thread that was held up would otherwise keep all others waiting. A piece's result must not depend on
  /// `part`. Not to be called by two threads at once.
  template <class Work>
  void share(std::size_t each, const Work& work) const {
    if (count_ == 1) {
      for (std::size_t piece = 0; piece < each; ++piece) work(std::size_t{0}, piece);
      return;
    }
    for (std::size_t part = 0; part < count_; ++part) taken_[part].pieces.store(0, std::memory_order_relaxed);
    run([&](std::size_t part) {
      for (std::size_t offset = 0; offset < count_; ++offset) {
        const std::size_t owner = (part + offset) % count_;
        while (true) {
          const std::size_t piece = taken_[owner].pieces.fetch_add(1, std::memory_order_relaxed);
          if (piece >= each) break;
          work(part, owner * each + piece);
        }
      }
    });
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
  /// Pieces that somebody has begun, each counter on a cache line of its own.
  struct alignas(64) Taken {
    std::atomic<std::size_t> pieces{0};
  };

  std::size_t count_;
  Timekeeper* timekeeper_ = nullptr;
  std::unique_ptr<Taken[]> taken_;
};

}  // namespace assay::optimized
