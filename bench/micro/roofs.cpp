// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The two roofs of this machine, which no engine built on them can exceed: GFLOP/s of BLIS's microkernel on panels
// that lie in the caches, and GB/s at which all threads together read memory. It measures no engine.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "model/error.hpp"
#include "optimized/aligned_buffer.hpp"
#include "optimized/blis/microkernel.hpp"
#include "optimized/threads.hpp"

namespace {

using assay::Error;
using assay::optimized::AlignedBuffer;
using assay::optimized::part_of;
using assay::optimized::Range;
using assay::optimized::Threads;
using assay::optimized::blis::Microkernel;
using assay::optimized::blis::microkernel;

constexpr std::string_view usage = "usage: roofs [--threads N] [--json]\n";
constexpr std::size_t most_threads = 4096;

struct Options {
  std::size_t threads = 1;
  bool json = false;
};

struct Roofs {
  double microkernel_gflops = 0.0;
  double read_gb_per_s = 0.0;
  std::size_t read_buffer_bytes = 0;
};

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

double measure_microkernel(const Threads& threads) {
  constexpr int repetitions = 40;
  constexpr std::size_t rounds = 100;
  const Microkernel& kernel = microkernel();
  std::vector<Block> blocks;
  blocks.reserve(threads.count());
  for (std::size_t thread = 0; thread < threads.count(); ++thread) blocks.emplace_back(kernel);
  const double seconds = best_seconds(repetitions, [&] {
    threads.run([&](std::size_t part) {
      for (std::size_t round = 0; round < rounds; ++round) blocks[part].multiply(kernel);
    });
  });
  return Block::operations(kernel) * static_cast<double>(rounds * threads.count()) / seconds / 1e9;
}

std::size_t last_level_cache_bytes() {
  constexpr std::size_t assumed = 64U << 20U;  // where the system does not say
  long largest = 0;
  for (const int level : {_SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE, _SC_LEVEL4_CACHE_SIZE}) {
    largest = std::max(largest, sysconf(level));
  }
  return largest > 0 ? static_cast<std::size_t>(largest) : assumed;
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

double measure_reading(const Threads& threads, const AlignedBuffer& buffer) {
  constexpr int repetitions = 12;
  const std::span<const std::uint64_t> values(buffer.as<const std::uint64_t>(), buffer.bytes().size() / 8);
  std::vector<std::uint64_t> sums(threads.count());
  const double seconds = best_seconds(repetitions, [&] {
    threads.run([&](std::size_t part) {
      const Range range = part_of(values.size(), threads.count(), part);
      sums[part] = sum_of(values.subspan(range.first, range.count()));
    });
  });
  for (const std::uint64_t sum : sums) {
    if (sum == 0) throw Error("roofs: expected sums above 0, found one of 0");
  }
  return static_cast<double>(buffer.bytes().size()) / seconds / 1e9;
}

/// Eight times the last-level cache, rounded up to whole numbers for every thread, and written by those who read it.
AlignedBuffer large_buffer(const Threads& threads) {
  constexpr std::size_t least = 512U << 20U;
  constexpr std::size_t factor = 8;
  AlignedBuffer buffer(std::max(least, factor * last_level_cache_bytes() + 4096));
  auto* values = buffer.as<std::uint64_t>();
  threads.run([&](std::size_t part) {
    const Range range = part_of(buffer.bytes().size() / 8, threads.count(), part);
    for (std::size_t i = range.first; i < range.last; ++i) values[i] = i + 1;
  });
  return buffer;
}

std::size_t thread_count(std::string_view text) {
  std::size_t count = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (status != std::errc{} || end != text.data() + text.size() || count < 1 || count > most_threads) {
    throw Error(fmt::format("--threads: expected 1 to {}, found '{}'", most_threads, text));
  }
  return count;
}

/// Nothing where only help was asked for.
std::optional<Options> parse(std::span<char*> arguments) {
  Options options{std::max<std::size_t>(1, std::thread::hardware_concurrency()), false};
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--help" || argument == "-h") return std::nullopt;
    if (argument == "--json") {
      options.json = true;
    } else if (argument == "--threads") {
      if (++i == arguments.size()) throw Error("--threads: expected a number after it, found none");
      options.threads = thread_count(arguments[i]);
    } else {
      throw Error(fmt::format("roofs: expected --threads N or --json, found '{}'", argument));
    }
  }
  return options;
}

void print(const Options& options, const Roofs& roofs) {
  if (options.json) {
    fmt::print(
        "{{\"threads\": {}, \"microkernel_gflops\": {:.3f}, \"microkernel_narrow\": {}, \"microkernel_wide\": {}, "
        "\"read_gb_per_s\": {:.3f}, \"read_buffer_bytes\": {}}}\n",
        options.threads, roofs.microkernel_gflops, microkernel().narrow(), microkernel().wide(), roofs.read_gb_per_s,
        roofs.read_buffer_bytes);
    return;
  }
  fmt::print("microkernel {} x {}: {:.1f} GFLOP/s, {} threads\n", microkernel().narrow(), microkernel().wide(),
             roofs.microkernel_gflops, options.threads);
  fmt::print("reading {:.1f} GB: {:.1f} GB/s\n", static_cast<double>(roofs.read_buffer_bytes) / 1e9,
             roofs.read_gb_per_s);
}

}  // namespace

int main(int count, char** values) {
  try {
    const std::optional<Options> options = parse({values, static_cast<std::size_t>(count)});
    if (!options) {
      fmt::print("{}", usage);
      return 0;
    }
    const Threads threads(options->threads);
    const AlignedBuffer buffer = large_buffer(threads);
    print(*options, {measure_microkernel(threads), measure_reading(threads, buffer), buffer.bytes().size()});
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 2;
  }
}
