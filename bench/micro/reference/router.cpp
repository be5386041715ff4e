// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Routers from the hidden states to experts and weights, as optimized/router.cpp has them.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string_view>

#include "bench/micro/reference/cases.hpp"
#include "bench/micro/reference/operands.hpp"
#include "reference/ops/linear.hpp"
#include "reference/ops/sparsemixer.hpp"
#include "reference/ops/top_k.hpp"

namespace assay::bench::micro::reference_cases {
namespace {

enum class Rule { top_k, sparsemixer };

struct Shape {
  std::string_view name;
  std::size_t hidden;
  std::size_t experts;
  std::size_t each;
  Rule rule;
};

constexpr Shape shapes[] = {{"granite-3.0-1b-a400m", 1024, 32, 8, Rule::top_k},
                            {"granite-4.0-h-tiny", 1536, 64, 6, Rule::top_k},
                            {"Phi-mini-MoE", 4096, 16, 2, Rule::sparsemixer}};

class Router final : public Operation {
 public:
  Router(const Shape& shape, std::size_t tokens)
      : rule_(shape.rule),
        weight_(shape.experts, shape.hidden, 1),
        x_(random_tensor<2>({tokens, shape.hidden}, 2)),
        logits_({tokens, shape.experts}),
        experts_({tokens, shape.each}),
        weights_({tokens, shape.each}) {}

  void call() override {
    reference::linear<float>(x_.view(), borrowed(weight_), std::nullopt, logits_.view());
    for (std::size_t token = 0; token < logits_.extent(0); ++token) {
      rule_ == Rule::top_k ? route_top_k(token) : route_sparsemixer(token);
    }
  }

  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override {
    return {bytes_of(logits_), bytes_of(experts_), bytes_of(weights_)};
  }

 private:
  void route_top_k(std::size_t token) {
    reference::top_k<float>(logits_.view()[token], experts_.view()[token]);
    reference::top_k_weights<float>(logits_.view()[token], experts_.view()[token], weights_.view()[token]);
  }

  void route_sparsemixer(std::size_t token) {
    constexpr double jitter = 0.01;
    const auto experts = reference::sparsemixer_experts<float>(logits_.view()[token]);
    const auto weights = reference::sparsemixer_weights<float>(logits_.view()[token], experts, jitter);
    for (std::size_t slot = 0; slot < experts.size(); ++slot) {
      experts_(token, slot) = experts[slot];
      weights_(token, slot) = weights[slot];
    }
  }

  Rule rule_;
  StoredMatrix weight_;
  Tensor<float, 2> x_;
  Tensor<float, 2> logits_;
  Tensor<std::int64_t, 2> experts_;
  Tensor<float, 2> weights_;
};

}  // namespace

void add_router_cases(Registry& registry) {
  for (const Shape& shape : shapes) {
    constexpr std::size_t tokens = 8;
    const std::size_t weights = shape.experts * shape.hidden;
    registry.add({.name = fmt::format("reference/router/{}/tokens:{}", shape.name, tokens),
                  .cost = {2.0 * static_cast<double>(tokens * weights), 2.0 * static_cast<double>(weights)},
                  .make = [=] { return std::make_unique<Router>(shape, tokens); }});
  }
}

}  // namespace assay::bench::micro::reference_cases
