// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Products with packed weights: the projections and the head of published checkpoints, for prompts and for few tokens.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <string_view>

#include "bench/micro/optimized/cases.hpp"
#include "bench/micro/optimized/operands.hpp"
#include "optimized/blis/matmul.hpp"

namespace assay::bench::micro::optimized_cases {
namespace {

using optimized::WeightStorage;

struct Product {
  std::string_view name;
  std::size_t inputs;
  std::size_t outputs;
};

constexpr std::array<Product, 5> products{{{"granite-3.0-1b-a400m.qkv", 1024, 2048},
                                           {"granite-3.0-1b-a400m.o_proj", 1024, 1024},
                                           {"granite-3.0-1b-a400m.lm_head", 1024, 49152},
                                           {"granite-4.0-h-tiny.in_proj", 1536, 6448},
                                           {"Phi-mini-MoE.qkv", 4096, 6144}}};

class Matmul final : public OptimizedOperation {
 public:
  Matmul(const Product& product, WeightStorage storage, std::size_t tokens, std::size_t threads_count)
      : OptimizedOperation(threads_count, most_floats(product, tokens)),
        weights_(storage, product.inputs * product.outputs),
        weight_(weights_.add(product.outputs, product.inputs)),
        scratch_(zeros(optimized::blis::matmul_scratch(product.inputs, tokens, threads())).data()),
        task_{.weight = &weight_, .x = random_rows(tokens, product.inputs), .y = zero_rows(tokens, product.outputs)} {
    weights_.pack();
    computes(task_.y);
  }

  void call() override { optimized::blis::matmul({&task_, 1}, scratch_, threads()); }

 private:
  static std::size_t most_floats(const Product& product, std::size_t tokens) {
    return tokens * (product.inputs + product.outputs) + (std::size_t{8} << 20U);
  }

  PackedWeights weights_;
  optimized::blis::PackedMatrix weight_;
  float* scratch_;
  optimized::blis::MatmulTask task_;
};

void add(Registry& registry, const Product& product, WeightStorage storage, std::size_t tokens, std::size_t threads) {
  const std::size_t weight_bytes = product.inputs * product.outputs * size_bytes(storage);
  const std::size_t values = tokens * (product.inputs + product.outputs);
  registry.add({.name = fmt::format("optimized/matmul/{}/weights:{}/tokens:{}/threads:{}", product.name, name(storage),
                                    tokens, threads),
                .cost = {2.0 * static_cast<double>(tokens * product.inputs * product.outputs),
                         static_cast<double>(weight_bytes) + float_bytes(values)},
                .threads = threads,
                .cold_bytes = tokens <= 4 ? weight_bytes : 0,
                .held_bytes = weight_bytes + (values + (std::size_t{1} << 20U)) * sizeof(float),
                .make = [=] { return std::make_unique<Matmul>(product, storage, tokens, threads); }});
}

}  // namespace

void add_matmul_cases(Registry& registry) {
  for (const Product& product : products) {
    const bool is_head = product.outputs > 10000;
    for (const WeightStorage storage : {WeightStorage::f32, WeightStorage::bf16}) {
      for (const std::size_t tokens : Sizes{1, 4, 64, 512}) {
        if (is_head && tokens > 4) continue;  // one row of logits a sequence
        for (const std::size_t threads : thread_counts) add(registry, product, storage, tokens, threads);
      }
    }
  }
  for (const std::size_t threads : thread_counts) {
    add(registry, products[1], WeightStorage::f32, 24, threads);
    add(registry, products[1], WeightStorage::bf16, 2, threads);
  }
}

}  // namespace assay::bench::micro::optimized_cases
