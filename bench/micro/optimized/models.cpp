// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The small model whole, through the engine: one prompt, and one token on a cache that the caller hands over (which is
// copied, so that every call does the same).
#include <fmt/format.h>

#include <memory>
#include <vector>

#include "bench/micro/models.hpp"
#include "bench/micro/optimized/cases.hpp"
#include "bench/micro/optimized/operands.hpp"
#include "optimized/engine.hpp"

namespace assay::bench::micro::optimized_cases {
namespace {

class SmallModel final : public Operation {
 public:
  SmallModel(std::size_t tokens, std::size_t depth, std::size_t threads)
      : config_(small_model()),
        model_(config_),
        engine_(optimized::make_engine(config_, model_.weights, {.threads = threads})),
        ids_(random_ids(tokens, common(config_).vocab_size)) {
    engine_->reserve(1, tokens, depth + tokens);
    call_.input_ids = {ids_.data(), {1, tokens}};
    call_.logits_to_keep = 1;
    if (depth > 0) {
      past_ = random_past(config_, depth);
      call_.past_key_values = &past_;
      call_.use_cache = true;
    }
  }

  void call() override { logits_ = std::get<std::span<const float>>(engine_->forward(call_, Probe()).values); }

  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override { return {std::as_bytes(logits_)}; }

 private:
  Config config_;
  ModelWeights model_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::int64_t> ids_;
  PastKeyValues past_;
  Call call_;
  std::span<const float> logits_;
};

}  // namespace

void add_model_cases(Registry& registry) {
  const Config config = small_model();
  constexpr std::size_t depth = 16;
  constexpr std::size_t tokens = 8;
  for (const std::size_t threads : thread_counts) {
    registry.add({.name = fmt::format("optimized/model/small/prefill:{}/threads:{}", tokens, threads),
                  .cost = total(costs(config, costed_call(tokens, 0, sizeof(float)))),
                  .threads = threads,
                  .make = [=] { return std::make_unique<SmallModel>(tokens, 0, threads); }});
    registry.add({.name = fmt::format("optimized/model/small/decode:1/depth:{}/threads:{}", depth, threads),
                  .cost = total(costs(config, costed_call(1, depth, sizeof(float)))),
                  .threads = threads,
                  .make = [=] { return std::make_unique<SmallModel>(1, depth, threads); }});
  }
}

}  // namespace assay::bench::micro::optimized_cases
