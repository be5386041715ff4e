// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Routers from the hidden states to experts and weights: the k largest logits and their softmax (Granite), or the two
// softmaxes of the sparsemixer (PhiMoE).
#include <fmt/format.h>

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "bench/micro/optimized/cases.hpp"
#include "bench/micro/optimized/operands.hpp"
#include "optimized/blis/matmul.hpp"
#include "optimized/ops/sparsemixer.hpp"
#include "optimized/ops/top_k.hpp"

namespace assay::bench::micro::optimized_cases {
namespace {

enum class Rule { top_k, sparsemixer };

struct Shape {
  std::string_view name;
  std::size_t hidden;
  std::size_t experts;
  std::size_t each;
  Rule rule;
};

constexpr std::array<Shape, 3> shapes{{{"granite-3.0-1b-a400m", 1024, 32, 8, Rule::top_k},
                                       {"granite-4.0-h-tiny", 1536, 64, 6, Rule::top_k},
                                       {"Phi-mini-MoE", 4096, 16, 2, Rule::sparsemixer}}};

class Router final : public OptimizedOperation {
 public:
  Router(const Shape& shape, std::size_t tokens, std::size_t threads_count)
      : OptimizedOperation(threads_count),
        rule_(shape.rule),
        matrices_(optimized::WeightStorage::f32, shape.experts * shape.hidden),
        matrix_(matrices_.add(shape.experts, shape.hidden)),
        scratch_(zeros(optimized::blis::matmul_scratch(shape.hidden, tokens, threads())).data()),
        logits_(zero_rows(tokens, shape.experts)),
        task_{.weight = &matrix_, .x = random_rows(tokens, shape.hidden), .y = logits_},
        chosen_(tokens * shape.each),
        experts_(chosen_.data(), {tokens, shape.each}),
        weights_(zeros(tokens * shape.each).data(), {tokens, shape.each}) {
    matrices_.pack();
    computes(logits_);
    computes(experts_.flat());
    computes(weights_.flat());
  }

  void call() override {
    optimized::blis::matmul({&task_, 1}, scratch_, threads());
    if (rule_ == Rule::top_k) {
      optimized::top_k(logits_, experts_, threads());
      optimized::top_k_weights(logits_, experts_, weights_, threads());
    } else {
      constexpr double jitter = 0.01;
      optimized::sparsemixer_experts(logits_, experts_, threads());
      optimized::sparsemixer_weights(logits_, experts_, jitter, weights_, threads());
    }
  }

 private:
  Rule rule_;
  PackedWeights matrices_;
  optimized::blis::PackedMatrix matrix_;
  float* scratch_;
  Rows<float> logits_;
  optimized::blis::MatmulTask task_;
  std::vector<std::int64_t> chosen_;
  View<std::int64_t, 2> experts_;  // [T, k]
  View<float, 2> weights_;         // [T, k]
};

}  // namespace

void add_router_cases(Registry& registry) {
  for (const Shape& shape : shapes) {
    for (const std::size_t tokens : Sizes{1, 128, 512}) {
      for (const std::size_t threads : thread_counts) {
        const std::size_t values = shape.hidden * shape.experts + tokens * (shape.hidden + shape.experts);
        registry.add({.name = fmt::format("optimized/router/{}/tokens:{}/threads:{}", shape.name, tokens, threads),
                      .cost = {2.0 * static_cast<double>(tokens * shape.hidden * shape.experts), float_bytes(values)},
                      .threads = threads,
                      .make = [=] { return std::make_unique<Router>(shape, tokens, threads); }});
      }
    }
  }
}

}  // namespace assay::bench::micro::optimized_cases
