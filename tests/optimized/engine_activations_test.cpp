// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Both engines with every hidden_act: the optimized one computes what the scalar one does, wherever a model activates.
#include <cstring>
#include <vector>

#include "model/config/activation.hpp"
#include "optimized/engine.hpp"
#include "reference/engine.hpp"
#include "tests/optimized/small_engine.hpp"
#include "tests/support/config_text.hpp"

namespace assay::test {
namespace {

/// Prefill and a single token, whose convolution is another path.
std::vector<double> logits_of(Engine& engine) {
  std::vector<double> logits = run(engine, {.input_ids = {{3, 91, 40, 17, 60}}, .use_cache = true});
  const std::vector<double> next = run(engine, {.input_ids = {{8}}, .use_cache = true, .continues = true});
  logits.insert(logits.end(), next.begin(), next.end());
  return logits;
}

Config config_with(const SmallModel& model, Activation activation) {
  const std::string member = "\"hidden_act\": \"" + std::string(name(activation)) + "\"";
  return parse_config(with(model.config_text, member), "config.json");
}

TEST(EngineActivations, OptimizedComputesAllThatTheReferenceComputes) {
  for (const SmallModel& model : small_models()) {
    for (const Activation activation : all_activations()) {
      const testing::ScopedTrace trace(__FILE__, __LINE__, model.name + " " + std::string(name(activation)));
      const Config config = config_with(model, activation);
      const MadeUpWeights made_up(config);
      const Weights weights = made_up.weights();
      expect_close(logits_of(*optimized::make_engine(config, weights, {.threads = 1})),
                   logits_of(*reference::make_engine(config, weights, Precision::f64)), tolerance);
    }
  }
}

/// The logits after the bytes of one tensor have been replaced by those of 0.75.
std::vector<double> logits_after(const Config& config, const Weights& weights, const std::string& changed) {
  std::map<std::string, StoredTensor> tensors = weights.all();
  const float value = 0.75F;
  tensors.at(changed).bytes = std::as_bytes(std::span(&value, 1));
  const Weights other(tensors);
  const std::vector<double> logits = logits_of(*reference::make_engine(config, other, Precision::f64));
  expect_close(logits_of(*optimized::make_engine(config, other, {})), logits, tolerance);
  return logits;
}

TEST(EngineActivations, UseWhatTheGatesHaveLearnedAndNotWhatTheConvolutionHas) {
  const SmallModel hybrid = small_models()[2];
  const Config config = config_with(hybrid, Activation::prelu);
  const MadeUpWeights made_up(config);
  const Weights weights = made_up.weights();
  const std::vector<double> logits = logits_of(*reference::make_engine(config, weights, Precision::f64));
  const std::string layer = "model.layers.0.";
  EXPECT_NE(logits_after(config, weights, layer + "block_sparse_moe.experts.act_fn.weight"), logits);
  EXPECT_NE(logits_after(config, weights, layer + "shared_mlp.activation.weight"), logits);
  // transformers 5.23.0 stores mamba.act and computes with ACT2FN[hidden_act], made anew.
  EXPECT_EQ(logits_after(config, weights, layer + "mamba.act.weight"), logits);
}

}  // namespace
}  // namespace assay::test
