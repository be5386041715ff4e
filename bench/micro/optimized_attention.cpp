// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Attention of the optimized engine at the shapes of published checkpoints, and the rate of the microkernel alone that
// it is measured by. FLOP/s counts 4 d for each pair of a query head and a key that it sees; bytes/s of decoding counts
// the keys and values.
#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "optimized/aligned_buffer.hpp"
#include "optimized/blis/microkernel.hpp"
#include "optimized/ops/attention.hpp"

namespace {

using assay::optimized::AlignedBuffer;
using assay::optimized::AttentionShape;
using assay::optimized::Rows;
using assay::optimized::Threads;
using assay::optimized::Visibility;

AlignedBuffer floats(std::size_t count) {
  AlignedBuffer buffer(count * sizeof(float));
  for (std::size_t i = 0; i < count; ++i) buffer.as<float>()[i] = static_cast<float>((i * 37) % 101) / 50.0F - 1.0F;
  return buffer;
}

/// {k}: panels that stay in the first-level cache
void microkernel(benchmark::State& state) {
  const assay::optimized::blis::Microkernel& kernel = assay::optimized::blis::microkernel();
  const auto k = static_cast<std::size_t>(state.range(0));
  const AlignedBuffer narrow = floats(k * kernel.narrow());
  const AlignedBuffer wide = floats(k * kernel.wide());
  const AlignedBuffer tile = floats(kernel.narrow() * kernel.wide());
  for (auto _ : state) {
    kernel(k, narrow.as<float>(), wide.as<float>(), 0.0F, tile.as<float>(), kernel.wide());
    benchmark::ClobberMemory();
  }
  state.counters["FLOP/s"] = benchmark::Counter(2.0 * static_cast<double>(k * kernel.narrow() * kernel.wide()),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

/// {heads, kv_heads, head_dim, queries, past, threads}
void attention(benchmark::State& state) {
  const auto argument = [&](std::size_t index) { return static_cast<std::size_t>(state.range(index)); };
  const std::size_t d = argument(2);
  const AttentionShape shape{argument(0), argument(1), d, 1.0F / std::sqrt(static_cast<float>(d))};
  Visibility visibility;
  visibility.batch = 1;
  visibility.queries = argument(3);
  visibility.first_query = argument(4);
  visibility.keys = visibility.first_query + visibility.queries;
  const Threads threads(argument(5));
  const bool few = visibility.queries <= 4;
  const std::size_t cached = shape.kv_heads * visibility.keys * d;
  const std::size_t width = shape.heads * d;
  const AlignedBuffer q = floats(visibility.queries * width);
  const AlignedBuffer keys = floats(cached);
  const AlignedBuffer values = floats(cached);
  const AlignedBuffer out = floats(visibility.queries * width);
  const AlignedBuffer scratch =
      floats(few ? attention_decode_scratch(shape, visibility.batch, visibility.queries, visibility.keys, threads)
                 : attention_prefill_scratch(shape, visibility.batch, visibility.queries, visibility.keys, threads));
  const Rows<float> q_rows = assay::optimized::dense(q.as<float>(), visibility.queries, width);
  const Rows<float> out_rows = assay::optimized::dense(out.as<float>(), visibility.queries, width);
  for (auto _ : state) {
    (few ? assay::optimized::attention_decode : assay::optimized::attention_prefill)(
        q_rows, {keys.as<float>(), values.as<float>(), cached, visibility.keys * d}, visibility, shape, out_rows,
        scratch.as<float>(), threads);
    benchmark::ClobberMemory();
  }
  std::size_t pairs = 0;
  for (std::size_t query = 0; query < visibility.queries; ++query) pairs += visibility.first_query + query + 1;
  state.counters["FLOP/s"] = benchmark::Counter(4.0 * static_cast<double>(d * shape.heads * pairs),
                                                benchmark::Counter::kIsIterationInvariantRate);
  if (few) state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(2 * cached * sizeof(float)));
}

/// granite-3.0-1b-a400m, granite-4.0-h-350m, granite-4.0-h-1b, Phi-3.5-MoE
constexpr std::array<std::array<std::int64_t, 3>, 4> shapes{{{16, 8, 64}, {12, 4, 64}, {12, 4, 128}, {32, 8, 128}}};

void prefill_sizes(benchmark::internal::Benchmark* benchmark) {
  for (const auto& [heads, kv_heads, head_dim] : shapes) {
    for (const std::int64_t queries : {512, 4096}) {
      for (const std::int64_t threads : {1, 2}) benchmark->Args({heads, kv_heads, head_dim, queries, 0, threads});
    }
  }
}

void decode_sizes(benchmark::internal::Benchmark* benchmark) {
  for (const auto& [heads, kv_heads, head_dim] : shapes) {
    for (const std::int64_t past : {127, 4095}) {
      for (const std::int64_t threads : {1, 2}) benchmark->Args({heads, kv_heads, head_dim, 1, past, threads});
    }
  }
}

BENCHMARK(microkernel)->Arg(64)->Arg(128)->Arg(192)->Arg(256);
BENCHMARK(attention)->Name("prefill")->Apply(prefill_sizes)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(attention)->Name("decode")->Apply(decode_sizes)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
