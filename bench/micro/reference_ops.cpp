// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How long the ops of the reference engine take at the sizes of granite-3.0-1b-a400m and granite-4.0-h-350m. They
// are meant to be believed, not to be fast; the figures say what a verification costs.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "model/dtype.hpp"
#include "model/tensor.hpp"
#include "reference/ops/linear.hpp"
#include "reference/ops/norm.hpp"
#include "reference/ops/ssm.hpp"
#include "reference/weight.hpp"

namespace {

using assay::DType;
using assay::Tensor;
using assay::reference::WeightMatrix;

/// bfloat16 weights of magnitude 1/128 to 1/64 with alternating signs, and the matrix that borrows them.
struct Bfloat16Matrix {
  Bfloat16Matrix(std::size_t rows, std::size_t columns) : bits(rows * columns) {
    for (std::size_t i = 0; i < bits.size(); ++i) {
      bits[i] = static_cast<std::uint16_t>(0x3C00U + (i * 37U) % 128U + (i % 2 == 0 ? 0U : 0x8000U));
    }
    matrix = {DType::bf16, reinterpret_cast<const std::byte*>(bits.data()), rows, columns};
  }

  std::vector<std::uint16_t> bits;
  WeightMatrix matrix;
};

template <class T, std::size_t Rank>
void fill(Tensor<T, Rank>& tensor) {
  const std::span<T> values = tensor.view().flat();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(static_cast<double>(i % 17) / 16.0 - 0.5);
}

/// {tokens, in, out}
template <class T>
void linear(benchmark::State& state) {
  const auto tokens = static_cast<std::size_t>(state.range(0));
  const auto in = static_cast<std::size_t>(state.range(1));
  const auto out = static_cast<std::size_t>(state.range(2));
  const Bfloat16Matrix weight(out, in);
  Tensor<T, 2> x({tokens, in});
  Tensor<T, 2> y({tokens, out});
  fill(x);
  for (auto _ : state) {
    assay::reference::linear<T>(x.view(), weight.matrix, std::nullopt, y.view());
    benchmark::DoNotOptimize(y.view().data());
  }
  state.counters["FLOP/s"] =
      benchmark::Counter(2.0 * static_cast<double>(tokens * in * out), benchmark::Counter::kIsIterationInvariantRate);
}

/// {tokens, width}
template <class T>
void rms_norm(benchmark::State& state) {
  const auto tokens = static_cast<std::size_t>(state.range(0));
  const auto width = static_cast<std::size_t>(state.range(1));
  const Bfloat16Matrix weight(1, width);
  Tensor<T, 2> x({tokens, width});
  Tensor<T, 2> y({tokens, width});
  fill(x);
  for (auto _ : state) {
    assay::reference::rms_norm<T>(x.view(), weight.matrix, 1e-6, y.view());
    benchmark::DoNotOptimize(y.view().data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(tokens * width));
}

/// {tokens}: the Mamba2 heads of granite-4.0-h-350m
template <class T>
void ssm_scan(benchmark::State& state) {
  const auto tokens = static_cast<std::size_t>(state.range(0));
  const assay::reference::SsmExtents extents{.heads = 48, .head_dim = 32, .groups = 1, .state = 128};
  const std::size_t inner = extents.heads * extents.head_dim;
  const Bfloat16Matrix per_head(1, extents.heads);
  Tensor<T, 2> conv({tokens, inner + 2 * extents.groups * extents.state});
  Tensor<T, 2> dt({tokens, extents.heads});
  Tensor<T, 3> memory({extents.heads, extents.head_dim, extents.state});
  Tensor<T, 2> y({tokens, inner});
  fill(conv);
  for (T& step : dt.view().flat()) step = static_cast<T>(0.05);
  for (auto _ : state) {
    assay::reference::ssm_scan<T>(conv.view(), dt.view(), per_head.matrix, per_head.matrix, extents, memory.view(),
                                  y.view());
    benchmark::DoNotOptimize(y.view().data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(linear<float>)
    ->Args({1, 1024, 1024})
    ->Args({32, 1024, 1024})
    ->Args({32, 1024, 49152})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(linear<double>)->Args({1, 1024, 1024})->Args({32, 1024, 1024})->Unit(benchmark::kMillisecond);
BENCHMARK(rms_norm<float>)->Args({32, 1024})->Unit(benchmark::kMicrosecond);
BENCHMARK(ssm_scan<float>)->Arg(1)->Arg(32)->Unit(benchmark::kMillisecond);

}  // namespace
