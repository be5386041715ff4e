// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/roofs/roofs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "bench/machine/caches.hpp"
#include "model/error.hpp"
#include "optimized/aligned_buffer.hpp"
#include "optimized/blis/microkernel.hpp"
#include "optimized/memory.hpp"
#include "optimized/threads.hpp"

namespace assay::bench {
namespace {

using optimized::AlignedBuffer;
using optimized::part_of;
using optimized::Range;
using optimized::Threads;
using optimized::blis::Microkernel;
using optimized::blis::microkernel;

/// How long is measured, and on how much.
struct Plan {
  int microkernel_repetitions;
  std::size_t microkernel_rounds;  ///< of a repetition
  int reading_repetitions;
  std::size_t caches;              ///< the buffer is so many last-level caches,
  std::size_t least_buffer_bytes;  ///< and at least this
};

constexpr Plan plan_of(RoofEffort effort) {
  if (effort == RoofEffort::quick) return {60, 16, 24, 4, std::size_t{256} << 20U};
  return {40, 100, 12, 8, std::size_t{512} << 20U};
}

/// The seconds that the fastest of `repetitions` calls took.
template <class Work>
double best_seconds(int repetitions, const Work& work) {
  double best = 0.0;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (repetition == 0 || seconds < best) best = seconds;
  }
  return best;
}

/// What one thread multiplies: a block as a product meets it, with a wide panel that stays in the first cache while
/// the narrow panels stream by from the second.
class Block {
 public:
  explicit Block(const Microkernel& kernel)
      : narrow_(narrow_panels * depth * kernel.narrow() * sizeof(float)),
        wide_(wide_panels * depth * kernel.wide() * sizeof(float)),
        c_(narrow_panels * kernel.narrow() * kernel.wide() * sizeof(float)) {
    std::fill_n(narrow_.as<float>(), narrow_.bytes().size() / sizeof(float), 0.5F);
    std::fill_n(wide_.as<float>(), wide_.bytes().size() / sizeof(float), 0.25F);
  }

  void multiply(const Microkernel& kernel) const {
    for (std::size_t wide = 0; wide < wide_panels; ++wide) {
      const float* wide_panel = wide_.as<float>() + wide * depth * kernel.wide();
      for (std::size_t narrow = 0; narrow < narrow_panels; ++narrow) {
        kernel(depth, narrow_.as<float>() + narrow * depth * kernel.narrow(), wide_panel, 0.0F,
               c_.as<float>() + narrow * kernel.narrow() * kernel.wide(), kernel.wide());
      }
    }
  }

  [[nodiscard]] static double operations(const Microkernel& kernel) {
    return 2.0 * static_cast<double>(depth * narrow_panels * kernel.narrow() * wide_panels * kernel.wide());
  }

 private:
  static constexpr std::size_t depth = 256;
  static constexpr std::size_t narrow_panels = 24;
  static constexpr std::size_t wide_panels = 4;
  AlignedBuffer narrow_;
  AlignedBuffer wide_;
  AlignedBuffer c_;
};

double microkernel_flops_per_second(const Threads& threads, const Plan& plan) {
  const Microkernel& kernel = microkernel();
  std::vector<Block> blocks;
  blocks.reserve(threads.count());
  for (std::size_t thread = 0; thread < threads.count(); ++thread) blocks.emplace_back(kernel);
  const double seconds = best_seconds(plan.microkernel_repetitions, [&] {
    threads.run([&](std::size_t part) {
      for (std::size_t round = 0; round < plan.microkernel_rounds; ++round) blocks[part].multiply(kernel);
    });
  });
  return Block::operations(kernel) * static_cast<double>(plan.microkernel_rounds * threads.count()) / seconds;
}

/// Independent sums, so that loads wait for no addition.
std::uint64_t sum_of(std::span<const std::uint64_t> values) {
  constexpr std::size_t lanes = 32;
  std::array<std::uint64_t, lanes> sums{};
  for (std::size_t i = 0; i + lanes <= values.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += values[i + lane];
  }
  std::uint64_t total = 0;
  for (const std::uint64_t sum : sums) total += sum;
  return total;
}

double read_bytes_per_second(const Threads& threads, const AlignedBuffer& buffer, const Plan& plan) {
  const std::span<const std::uint64_t> values(buffer.as<const std::uint64_t>(), buffer.bytes().size() / 8);
  std::vector<std::uint64_t> sums(threads.count());
  const double seconds = best_seconds(plan.reading_repetitions, [&] {
    threads.run([&](std::size_t part) {
      const Range range = part_of(values.size(), threads.count(), part);
      sums[part] = sum_of(values.subspan(range.first, range.count()));
    });
  });
  for (const std::uint64_t sum : sums) {
    if (sum == 0) throw Error("roofs: expected sums above 0, found one of 0");
  }
  return static_cast<double>(buffer.bytes().size()) / seconds;
}

/// Written by those who read it.
AlignedBuffer large_buffer(const Threads& threads, const Plan& plan) {
  const std::size_t bytes = std::max(plan.least_buffer_bytes, plan.caches * last_level_cache_bytes() + 4096);
  if (const std::size_t available = optimized::available_bytes(); bytes > available) {
    throw Error(fmt::format("roofs: expected {} to read, found {} available", optimized::gibibytes(bytes),
                            optimized::gibibytes(available)));
  }
  AlignedBuffer buffer(bytes);
  auto* values = buffer.as<std::uint64_t>();
  threads.run([&](std::size_t part) {
    const Range range = part_of(buffer.bytes().size() / 8, threads.count(), part);
    for (std::size_t i = range.first; i < range.last; ++i) values[i] = i + 1;
  });
  return buffer;
}

}  // namespace

MeasuredRoofs measure_roofs(std::size_t threads, RoofEffort effort) {
  const Plan plan = plan_of(effort);
  const Threads team(threads);
  const AlignedBuffer buffer = large_buffer(team, plan);
  return {{microkernel_flops_per_second(team, plan), read_bytes_per_second(team, buffer, plan)},
          microkernel().narrow(),
          microkernel().wide(),
          buffer.bytes().size()};
}

}  // namespace assay::bench
