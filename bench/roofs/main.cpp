// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Prints the roofs of this machine (bench/roofs/roofs.hpp).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string_view>
#include <thread>

#include "bench/roofs/roofs.hpp"
#include "model/error.hpp"

namespace {

using assay::Error;
using assay::bench::MeasuredRoofs;
using assay::bench::RoofEffort;

constexpr std::string_view usage = "usage: roofs [--threads N] [--quick] [--json]\n";
constexpr std::size_t most_threads = 4096;

struct Options {
  std::size_t threads = 1;
  RoofEffort effort = RoofEffort::thorough;
  bool json = false;
};

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
  Options options{.threads = std::max<std::size_t>(1, std::thread::hardware_concurrency())};
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--help" || argument == "-h") return std::nullopt;
    if (argument == "--json") {
      options.json = true;
    } else if (argument == "--quick") {
      options.effort = RoofEffort::quick;
    } else if (argument == "--threads") {
      if (++i == arguments.size()) throw Error("--threads: expected a number after it, found none");
      options.threads = thread_count(arguments[i]);
    } else {
      throw Error(fmt::format("roofs: expected --threads N, --quick or --json, found '{}'", argument));
    }
  }
  return options;
}

void print(const Options& options, const MeasuredRoofs& measured) {
  const double gflops = measured.roofs.flops_per_second / 1e9;
  const double gb_per_s = measured.roofs.bytes_per_second / 1e9;
  if (options.json) {
    fmt::print(
        "{{\"threads\": {}, \"microkernel_gflops\": {:.3f}, \"microkernel_narrow\": {}, \"microkernel_wide\": {}, "
        "\"read_gb_per_s\": {:.3f}, \"read_buffer_bytes\": {}}}\n",
        options.threads, gflops, measured.microkernel_narrow, measured.microkernel_wide, gb_per_s,
        measured.buffer_bytes);
    return;
  }
  fmt::print("microkernel {} x {}: {:.1f} GFLOP/s, {} threads\n", measured.microkernel_narrow,
             measured.microkernel_wide, gflops, options.threads);
  fmt::print("reading {:.1f} GB: {:.1f} GB/s\n", static_cast<double>(measured.buffer_bytes) / 1e9, gb_per_s);
}

}  // namespace

int main(int count, char** values) {
  try {
    const std::optional<Options> options = parse({values, static_cast<std::size_t>(count)});
    if (!options) {
      fmt::print("{}", usage);
      return 0;
    }
    print(*options, assay::bench::measure_roofs(options->threads, options->effort));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 2;
  }
}
