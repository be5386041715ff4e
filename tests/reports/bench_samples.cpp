// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/reports/bench_samples.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

namespace assay::reports::samples {
namespace {

using bench::LedgerRow;
using bench::Result;
using bench::Row;

/// Times about `seconds`: most a little above the fastest, few far above it.
std::vector<bench::Sample> times_about(double seconds, std::size_t count, std::mt19937& engine) {
  std::vector<bench::Sample> samples;
  for (std::size_t i = 0; i < count; ++i) {
    const double noise = std::ldexp(static_cast<double>(engine()), -32);
    const double time = seconds * (1 + 0.03 * noise * noise * noise);
    samples.push_back({time, 1.9 * time, 4});
  }
  return samples;
}

Row throughput_row(std::string name, double seconds, double tokens, double flops, double bytes, std::mt19937& engine) {
  Row row;
  row.name = std::move(name);
  row.threads = 2;
  row.samples = times_about(seconds, 10, engine);
  row.counters = {{"tokens/s", tokens / seconds}, {"flops", flops}, {"bytes", bytes}, {"output_error", 3.1e-7}};
  if (tokens == 1) {
    row.counters["latency_p50"] = seconds;
    row.counters["latency_p99"] = 1.3 * seconds;
  }
  return row;
}

struct Group {
  std::string_view name;
  double flops;
  double bytes;
  double of_roof;  ///< of the prefill; a decode comes closer to the bandwidth
};

constexpr std::array attention_groups{Group{"norm", 4e6, 8e6, 0.5},        Group{"qkv", 3.2e9, 14e6, 0.82},
                                      Group{"attend", 1.1e9, 6e6, 0.63},   Group{"o_proj", 1.6e9, 9e6, 0.8},
                                      Group{"residual", 1e6, 12e6, 0.7},   Group{"router", 7e7, 2e6, 0.35},
                                      Group{"experts", 6.4e9, 95e6, 0.74}, Group{"shared_mlp", 3.1e9, 15e6, 0.81}};
constexpr std::array mamba_groups{Group{"norm", 4e6, 8e6, 0.5},        Group{"in_proj", 4.4e9, 18e6, 0.83},
                                  Group{"conv", 3e7, 12e6, 0.4},       Group{"scan", 1.4e9, 14e6, 0.33},
                                  Group{"gated norm", 8e6, 10e6, 0.5}, Group{"out_proj", 2.1e9, 11e6, 0.81},
                                  Group{"residual", 1e6, 12e6, 0.7},   Group{"router", 7e7, 2e6, 0.35},
                                  Group{"experts", 6.4e9, 95e6, 0.74}, Group{"shared_mlp", 3.1e9, 15e6, 0.81}};

LedgerRow ledger_row(std::string_view phase, std::optional<std::size_t> layer, const Group& group,
                     const bench::Roofs& roofs) {
  LedgerRow row;
  row.phase = phase;
  row.layer = layer;
  row.group = group.name;
  const bool decode = phase == "decode";
  row.flops = decode ? group.flops / 512 : group.flops;
  row.bytes = decode ? 0.6 * group.bytes : group.bytes;
  const double least = std::max(row.flops / roofs.flops_per_second, row.bytes / roofs.bytes_per_second);
  const double wobble = 1 + 0.06 * std::sin(static_cast<double>(layer.value_or(0)) * 1.7);
  row.seconds = wobble * least / (decode ? 0.5 + 0.4 * group.of_roof : group.of_roof);
  row.error = 2e-7 * wobble;
  row.used = layer == 3U && group.name == "scan" ? 1.4 : 0.4 * wobble;
  return row;
}

void add_ledger(Result& result, std::size_t layers) {
  for (const std::string_view phase : {"prefill", "decode"}) {
    for (std::size_t layer = 0; layer < layers; ++layer) {
      if (layer % 10 == 5) {
        for (const Group& group : attention_groups)
          result.ledger.push_back(ledger_row(phase, layer, group, result.roofs));
      } else {
        for (const Group& group : mamba_groups) result.ledger.push_back(ledger_row(phase, layer, group, result.roofs));
      }
    }
    for (const Group& group :
         {Group{"embed", 0, 2e6, 0.6}, Group{"norm", 4e6, 8e6, 0.5}, Group{"head", 1e8, 200e6, 0.85}}) {
      result.ledger.push_back(ledger_row(phase, std::nullopt, group, result.roofs));
    }
  }
}

void add_experts(Result& result, std::size_t layers, std::size_t experts) {
  std::mt19937 engine(3);
  for (const std::string_view phase : {"prefill", "decode"}) {
    for (std::size_t layer = 0; layer < layers; ++layer) {
      bench::ExpertLoad load{std::string(phase), layer, std::vector<std::uint64_t>(experts, 0)};
      const std::size_t choices = phase == "prefill" ? 512 * 8 : 64 * 8;
      for (std::size_t i = 0; i < choices; ++i) {
        const double drawn = std::ldexp(static_cast<double>(engine()), -32);
        const auto expert = static_cast<std::size_t>(std::pow(drawn, 1.5) * static_cast<double>(experts));
        ++load.tokens[(expert * 29 + layer * 7) % experts];
      }
      result.experts.push_back(std::move(load));
    }
  }
}

}  // namespace

Result plain_result(std::size_t rows) {
  std::mt19937 engine(1);
  Result result;
  result.date = "2026-11-26T10:00:00+00:00";
  result.program = "assay 0.1.0";
  result.commit = "0123456789abcdef0123456789abcdef01234567";
  for (std::size_t i = 0; i < rows; ++i) {
    Row row;
    row.name = fmt::format("gemm/outputs:{}/inputs:{}", 64 * (1 + i % 40), 128 * (1 + i / 40));
    row.samples = times_about(1e-6 * static_cast<double>(20 + i), 5, engine);
    row.counters = {{"flops", 1e6 * static_cast<double>(1 + i)}, {"bytes", 3e4 * static_cast<double>(1 + i % 40)}};
    if (i % 700 == 399) row.invalid = "repetition 2: expected the bits of the checked run, found others";
    result.rows.push_back(std::move(row));
  }
  return result;
}

Result whole_result(std::size_t layers) {
  std::mt19937 engine(2);
  Result result = plain_result(0);
  result.machine = {{"cpu", "AMD EPYC 7763 64-Core Processor"},
                    {"cores", "2"},
                    {"memory", "24 GiB"},
                    {"kernel", "6.1.0-28-amd64"},
                    {"compiler", "gcc 12.2.0"},
                    {"hypervisor", "yes"}};
  result.settings = {{"model", "granite-4.0-h-tiny"},
                     {"layers", fmt::to_string(layers)},
                     {"engine", "optimized"},
                     {"weights", "bf16"},
                     {"threads", "2"}};
  result.noise = {
      .seconds = 83, .steal_seconds = 0.41, .pressure_share = 0.031, .involuntary_switches = 1204, .major_faults = 3};
  result.roofs = {.flops_per_second = 199e9, .bytes_per_second = 33.4e9};
  const auto depth = static_cast<double>(layers) / 40;
  for (const std::size_t tokens : {128U, 512U}) {
    for (const std::size_t batch : {1U, 4U}) {
      const auto all = static_cast<double>(tokens * batch);
      result.rows.push_back(throughput_row(fmt::format("prefill/tokens:{}/depth:0/batch:{}", tokens, batch),
                                           depth * all / 203, all, depth * all * 0.74e9, depth * (4e9 + all * 2e6),
                                           engine));
    }
  }
  for (const std::size_t at : {0U, 4096U}) {
    result.rows.push_back(throughput_row(fmt::format("decode/tokens:64/depth:{}/batch:1", at),
                                         depth * (at == 0 ? 0.051 : 0.068), 1, depth * 0.8e9,
                                         depth * (at == 0 ? 1.4e9 : 1.9e9), engine));
  }
  result.rows[3].invalid = "logits: error 3.2e-01 at row 17, limit 4.1e-05";
  result.memory = {{"load", 5'400'000'000, 4'810'000'000, 4'700'000'000},
                   {"check", 6'920'000'000, 6'900'000'000, 0},
                   {"prefill", 5'620'000'000, 5'290'000'000, 5'180'000'000},
                   {"decode", 5'330'000'000, 5'300'000'000, 5'190'000'000}};
  result.bytes = {
      {"weights", 4'690'000'000}, {"cache", 310'000'000}, {"workspace", 181'000'000}, {"program", 9'400'000}};
  add_ledger(result, layers);
  add_experts(result, layers, 64);
  return result;
}

std::string hostile_text() { return "</script><script>alert('1')</script>\"'&\x1b[31m${7*7}"; }

Result hostile_result() {
  const std::string evil = hostile_text();
  Result result = whole_result(4);
  result.date = result.program = result.commit = evil;
  result.machine = {{evil, evil}};
  result.settings = {{"model", evil}, {evil, evil}};
  for (Row& row : result.rows) {
    row.name = evil + row.name;
    row.counters[evil] = 1;
    row.code = evil;
    if (!row.invalid.empty()) row.invalid = evil;
  }
  for (LedgerRow& row : result.ledger) {
    row.phase = evil + row.phase;
    row.group = evil + row.group;
  }
  for (bench::MemoryPhase& phase : result.memory) phase.name = evil + phase.name;
  result.bytes = {{evil, 7}};
  for (bench::ExpertLoad& load : result.experts) load.phase = evil + load.phase;
  return result;
}

}  // namespace assay::reports::samples
