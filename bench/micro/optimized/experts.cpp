// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The grouped product: tokens sorted by expert, gates, up and down projections of all experts that have some, the
// weighted sums. Which experts a token has is fixed here, and spread evenly; routing is another case.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/micro/optimized/call_memory.hpp"
#include "bench/micro/optimized/cases.hpp"
#include "bench/micro/optimized/operands.hpp"
#include "optimized/blocks/experts.hpp"

namespace assay::bench::micro::optimized_cases {
namespace {

using optimized::WeightStorage;

struct Shape {
  std::string_view name;
  std::size_t hidden;
  std::size_t width;
  std::size_t experts;
  std::size_t each;  // experts of a token
};

constexpr std::array<Shape, 4> shapes{{{"granite-3.0-1b-a400m", 1024, 512, 32, 8},
                                       {"granite-4.0-h-tiny", 1536, 512, 64, 6},
                                       {"Phi-mini-MoE", 4096, 960, 16, 2},
                                       {"small", 512, 256, 8, 2}}};

class ExpertsOfTokens final : public OptimizedOperation {
 public:
  ExpertsOfTokens(const Shape& shape, std::size_t tokens, std::size_t threads_count)
      : OptimizedOperation(threads_count),
        weights_(WeightStorage::f32, 3 * shape.experts * shape.hidden * shape.width),
        chosen_(random_experts(tokens, shape.each, shape.experts, seed)),
        routing_{{chosen_.data(), {tokens, shape.each}}, {random(tokens * shape.each).data(), {tokens, shape.each}}},
        hidden_(random_rows(tokens, shape.hidden)),
        out_(zero_rows(tokens, shape.hidden)),
        memory_({.batch = 1, .length = tokens}, std::max(shape.hidden, shape.width), threads()) {
    std::vector<optimized::Experts::Expert> experts;
    for (std::size_t i = 0; i < shape.experts; ++i) {
      experts.push_back({weights_.add_gated(shape.width, shape.hidden), weights_.add(shape.hidden, shape.width)});
    }
    weights_.pack();
    experts_.emplace(std::move(experts), shape.width, shape.each, ActivationFunction{});
    memory_.reserve([&](const optimized::CallExtents& extents, optimized::Slices& slices) {
      experts_->plan(extents, shape.hidden, slices);
    });
    computes(out_);
  }

  void call() override {
    memory_.with_context([&](optimized::CallContext& context, const optimized::Show& show) {
      experts_->forward(hidden_, routing_, context, show, out_);
    });
  }

  static constexpr std::uint64_t seed = 11;

 private:
  PackedWeights weights_;
  std::vector<std::int64_t> chosen_;
  optimized::Routing routing_;
  Rows<float> hidden_;
  Rows<float> out_;
  CallMemory memory_;
  std::optional<optimized::Experts> experts_;
};

}  // namespace

void add_experts_cases(Registry& registry) {
  for (const Shape& shape : shapes) {
    for (const std::size_t tokens : Sizes{1, 32, 64, 512}) {
      for (const std::size_t threads : thread_counts) {
        const std::size_t expert_bytes = 3 * shape.hidden * shape.width * sizeof(float);
        const std::size_t busy = busy_experts(random_experts(tokens, shape.each, shape.experts, ExpertsOfTokens::seed));
        registry.add({.name = fmt::format("optimized/experts/{}/tokens:{}/threads:{}", shape.name, tokens, threads),
                      .cost = {6.0 * static_cast<double>(tokens * shape.each * shape.hidden * shape.width),
                               static_cast<double>(busy * expert_bytes) + float_bytes(2 * tokens * shape.hidden)},
                      .threads = threads,
                      .cold_bytes = tokens == 1 ? busy * expert_bytes : 0,
                      .held_bytes = shape.experts * expert_bytes,
                      .make = [=] { return std::make_unique<ExpertsOfTokens>(shape, tokens, threads); }});
      }
    }
  }
}

}  // namespace assay::bench::micro::optimized_cases
