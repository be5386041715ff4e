// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The selective scan and its step at the sizes of granite-4.0-h-350m (48 heads of 32) and granite-4.0-h-tiny (48 of
// 64), N = 128. GFLOP/s of the scan count what its chunked form calculates at most once, not the padding of tiles.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "optimized/aligned_buffer.hpp"
#include "optimized/blis/microkernel.hpp"
#include "optimized/ops/ssm_chunk.hpp"
#include "optimized/ops/ssm_scan.hpp"
#include "optimized/ops/ssm_step.hpp"

namespace {

using assay::optimized::AlignedBuffer;
using assay::optimized::dense;
using assay::optimized::Rows;
using assay::optimized::SsmExtents;
using assay::optimized::SsmPanels;
using assay::optimized::Threads;

/// In huge pages, like the workspace of the engine.
constexpr std::size_t least_bytes = std::size_t{8} << 20;

struct Inputs {
  Inputs(const SsmExtents& extents_, std::size_t tokens, std::size_t batch)
      : extents(extents_),
        inner(extents.heads * extents.head_dim),
        dt(tokens * extents.heads, 0.03F),
        decay(extents.heads, -2.0F),
        memory(std::max(least_bytes, sizeof(float) * (tokens * (width() + inner) + batch * inner * extents.state))),
        values(memory.as<float>(), tokens * width()),
        state(values.data() + values.size(), batch * inner * extents.state),
        y(state.data() + state.size(), tokens * inner) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 17) / 16.0F - 0.5F;
  }
  [[nodiscard]] std::size_t width() const { return inner + 2 * extents.groups * extents.state; }
  [[nodiscard]] Rows<const float> rows() const {
    return dense<const float>(values.data(), values.size() / width(), width());
  }
  [[nodiscard]] Rows<const float> x() const { return rows().columns(0, inner); }
  [[nodiscard]] Rows<const float> b() const { return rows().columns(inner, extents.groups * extents.state); }
  [[nodiscard]] Rows<const float> c() const {
    return rows().columns(inner + extents.groups * extents.state, extents.groups * extents.state);
  }
  [[nodiscard]] Rows<const float> steps() const {
    return dense<const float>(dt.data(), dt.size() / extents.heads, extents.heads);
  }
  [[nodiscard]] Rows<float> out() { return dense(y.data(), y.size() / inner, inner); }

  SsmExtents extents;
  std::size_t inner;
  std::vector<float> dt;     // [L, Hm]
  std::vector<float> decay;  // [Hm], and D
  AlignedBuffer memory;
  std::span<float> values;  // [L, Im + 2 G N]
  std::span<float> state;   // [B, Hm, P, N]
  std::span<float> y;       // [L, Im]
};

/// Floating-point operations of a scan: C S and the state's update of all tokens, and half of the square of each chunk
/// for x (every head) and for C . B (every group).
double work_of(const SsmExtents& extents, std::size_t tokens) {
  double pairs = 0;
  for (std::size_t first = 0; first < tokens; first += SsmPanels::tokens) {
    const auto count = static_cast<double>(std::min(SsmPanels::tokens, tokens - first));
    pairs += count * (count + 1) / 2;
  }
  const auto inner = static_cast<double>(extents.heads * extents.head_dim);
  const auto state = static_cast<double>(extents.state);
  return 2 * (2 * static_cast<double>(tokens) * inner * state +
              pairs * (inner + static_cast<double>(extents.groups) * state));
}

/// {threads, P, tokens}
void ssm_scan(benchmark::State& state) {
  const Threads threads(static_cast<std::size_t>(state.range(0)));
  const auto tokens = static_cast<std::size_t>(state.range(2));
  const SsmExtents extents{
      .heads = 48, .head_dim = static_cast<std::size_t>(state.range(1)), .groups = 1, .state = 128};
  Inputs inputs(extents, tokens, 1);
  const AlignedBuffer scratch(
      std::max(least_bytes, threads.count() * assay::optimized::ssm_scan_scratch(extents, tokens, 1) * sizeof(float)));
  for (auto _ : state) {
    assay::optimized::ssm_scan(inputs.x(), inputs.b(), inputs.c(), inputs.steps(), inputs.decay, inputs.decay, extents,
                               {}, inputs.state.data(), inputs.out(), scratch.as<float>(), threads);
    benchmark::ClobberMemory();
  }
  state.counters["FLOP/s"] =
      benchmark::Counter(work_of(extents, tokens), benchmark::Counter::kIsIterationInvariantRate);
  state.SetItemsProcessed(state.iterations() * state.range(2));
}

/// {threads, P, rows of the batch}
void ssm_step(benchmark::State& state) {
  const Threads threads(static_cast<std::size_t>(state.range(0)));
  const auto batch = static_cast<std::size_t>(state.range(2));
  const SsmExtents extents{
      .heads = 48, .head_dim = static_cast<std::size_t>(state.range(1)), .groups = 1, .state = 128};
  Inputs inputs(extents, batch, batch);
  for (auto _ : state) {
    assay::optimized::ssm_step(inputs.x(), inputs.b(), inputs.c(), inputs.steps(), inputs.decay, inputs.decay, extents,
                               inputs.state.data(), inputs.out(), threads);
    benchmark::ClobberMemory();
  }
  const auto elements = static_cast<double>(inputs.state.size());
  state.counters["FLOP/s"] = benchmark::Counter(5 * elements, benchmark::Counter::kIsIterationInvariantRate);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(inputs.state.size() * 2 * sizeof(float)));
}

/// {k}: the microkernel alone on one tile, the rate that the scan is measured by.
void microkernel(benchmark::State& state) {
  const assay::optimized::blis::Microkernel& multiply = assay::optimized::blis::microkernel();
  const auto k = static_cast<std::size_t>(state.range(0));
  const AlignedBuffer memory((k * (multiply.narrow() + multiply.wide()) + multiply.narrow() * multiply.wide()) *
                             sizeof(float));
  float* wide = memory.as<float>();
  float* tile = wide + k * multiply.wide();
  float* narrow = tile + multiply.narrow() * multiply.wide();
  for (auto _ : state) {
    multiply(k, narrow, wide, 0.0F, tile, multiply.wide());
    benchmark::ClobberMemory();
  }
  state.counters["FLOP/s"] = benchmark::Counter(2.0 * static_cast<double>(k * multiply.narrow() * multiply.wide()),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(ssm_scan)->ArgsProduct({{1, 2}, {32, 64}, {64, 512, 4096}})->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(ssm_step)->ArgsProduct({{1, 2}, {32, 64}, {1, 8}})->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(microkernel)->Arg(32)->Arg(96)->Arg(128)->Arg(256)->Unit(benchmark::kNanosecond);

}  // namespace
