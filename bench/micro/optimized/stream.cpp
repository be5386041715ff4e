// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What is done to the values between the products: embedding, rotation, the activation of a gated MLP, residuals.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "bench/micro/models.hpp"
#include "bench/micro/optimized/cases.hpp"
#include "bench/micro/optimized/operands.hpp"
#include "optimized/ops/activation.hpp"
#include "optimized/ops/embed.hpp"
#include "optimized/ops/residual.hpp"
#include "optimized/ops/rope.hpp"
#include "optimized/ops/rope_frequencies.hpp"

namespace assay::bench::micro::optimized_cases {
namespace {

struct Shape {
  std::string_view name;
  std::size_t hidden;
  std::size_t heads;  ///< of queries and keys together
  std::size_t head_dim;
  std::size_t width;  ///< of an expert
};

constexpr Shape shapes[] = {{"granite-3.0-1b-a400m", 1024, 24, 64, 512}, {"Phi-mini-MoE", 4096, 40, 128, 960}};

class Embed final : public OptimizedOperation {
 public:
  Embed(const Shape& shape, std::size_t tokens, std::size_t threads_count)
      : OptimizedOperation(threads_count),
        table_(vocabulary, shape.hidden, 3),
        ids_(random_ids(tokens, vocabulary)),
        x_(zero_rows(tokens, shape.hidden)) {
    computes(x_);
  }

  void call() override { optimized::embed(ids_, table_.tensor(), multiplier, x_, threads()); }

 private:
  static constexpr std::size_t vocabulary = 8192;
  static constexpr float multiplier = 12.0F;

  StoredMatrix table_;
  std::vector<std::int64_t> ids_;
  Rows<float> x_;
};

/// The table of a call, and the rotation of its queries and keys.
class Rope final : public OptimizedOperation {
 public:
  Rope(const Shape& shape, std::size_t tokens, std::size_t threads_count)
      : OptimizedOperation(threads_count),
        head_dim_(shape.head_dim),
        inv_freq_(zeros(shape.head_dim / 2)),
        positions_(tokens),
        cos_(zero_rows(tokens, shape.head_dim)),
        sin_(zero_rows(tokens, shape.head_dim)),
        initial_(random_rows(tokens, shape.heads * shape.head_dim)),
        values_(zero_rows(tokens, shape.heads * shape.head_dim)) {
    optimized::default_inv_freq(theta, inv_freq_);
    for (std::size_t i = 0; i < tokens; ++i) positions_[i] = static_cast<std::int64_t>(i);
    restart_values();
    computes(values_);
  }

  void call() override {
    optimized::rope_table(positions_, inv_freq_, 1.0, cos_, sin_, threads());
    optimized::apply_rope(values_, head_dim_, cos_, sin_, values_.count, threads());
  }

  /// A rotation keeps the length, however often it is done.
  void restart() override { restart_values(); }

 private:
  static constexpr double theta = 10000.0;

  void restart_values() { std::copy_n(initial_.data, initial_.count * initial_.width, values_.data); }

  std::size_t head_dim_;
  std::span<float> inv_freq_;
  std::vector<std::int64_t> positions_;
  Rows<float> cos_;
  Rows<float> sin_;
  Rows<float> initial_;
  Rows<float> values_;
};

class Activation final : public OptimizedOperation {
 public:
  Activation(const Shape& shape, std::size_t tokens, std::size_t threads_count)
      : OptimizedOperation(threads_count),
        gate_(random_rows(tokens, shape.width)),
        up_(random_rows(tokens, shape.width)),
        out_(zero_rows(tokens, shape.width)) {
    computes(out_);
  }

  void call() override { optimized::activate_and_multiply(ActivationFunction{}, gate_, up_, out_); }

 private:
  Rows<float> gate_;
  Rows<float> up_;
  Rows<float> out_;
};

class Residual final : public OptimizedOperation {
 public:
  Residual(const Shape& shape, std::size_t tokens, std::size_t threads_count)
      : OptimizedOperation(threads_count),
        x_(zero_rows(tokens, shape.hidden)),
        branch_(random_rows(tokens, shape.hidden)) {
    computes(x_);
  }

  void call() override { optimized::add_scaled(x_, branch_, 0.22F, threads()); }

  void restart() override { std::fill_n(x_.data, x_.count * x_.width, 0.0F); }

 private:
  Rows<float> x_;
  Rows<float> branch_;
};

template <class Op>
void add(Registry& registry, std::string_view op, const Shape& shape, std::size_t tokens, std::size_t threads,
         const Cost& cost) {
  registry.add({.name = fmt::format("optimized/{}/{}/tokens:{}/threads:{}", op, shape.name, tokens, threads),
                .cost = cost,
                .threads = threads,
                .make = [=] { return std::make_unique<Op>(shape, tokens, threads); }});
}

}  // namespace

void add_stream_cases(Registry& registry) {
  for (const Shape& shape : shapes) {
    for (const std::size_t tokens : Sizes{1, 128, 256, 512}) {
      for (const std::size_t threads : thread_counts) {
        const auto count = static_cast<double>(tokens);
        const auto hidden = count * static_cast<double>(shape.hidden);
        const auto rotated = count * static_cast<double>(shape.heads * shape.head_dim);
        const auto gated = count * static_cast<double>(shape.width);
        add<Embed>(registry, "embed", shape, tokens, threads, {hidden, (2 + 4) * hidden});
        add<Rope>(registry, "rope", shape, tokens, threads, {3 * rotated, 2 * 4 * rotated});
        add<Residual>(registry, "residual", shape, tokens, threads, {2 * hidden, 3 * 4 * hidden});
        if (threads == 1) add<Activation>(registry, "activation", shape, tokens, threads, {5 * gated, 3 * 4 * gated});
      }
    }
  }
}

}  // namespace assay::bench::micro::optimized_cases
