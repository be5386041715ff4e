// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The rules of the skeletons, read off the sites: each is recomputed from the sites before it.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/reference/small_model_fixture.hpp"

namespace assay::test {
namespace {

class Skeleton : public SmallModelTest {
 protected:
  Skeleton() {
    (void)run(*engine(), {.input_ids = {{3, 91, 40}, {72, 5, 33}}}, Probe(&recorder_));
    if (const auto* granite = std::get_if<GraniteMoeHybridConfig>(&config())) hybrid_ = granite;
    granite_ = !std::holds_alternative<PhimoeConfig>(config());
  }

  [[nodiscard]] const std::vector<double>& at(Site site, std::optional<std::size_t> layer = std::nullopt) const {
    return recorder_.at(site, layer ? std::optional(LayerIndex{*layer}) : std::nullopt).values;
  }
  [[nodiscard]] const Shape& shape(Site site, std::size_t layer) const {
    return recorder_.at(site, LayerIndex{layer}).shape;
  }
  /// Layers 0 and 2 of the hybrid are Mamba; layer 1 is attention in every model.
  [[nodiscard]] bool has_experts() const { return common(config()).num_local_experts > 0; }
  [[nodiscard]] bool has_shared_mlp() const {
    return hybrid_ != nullptr || std::holds_alternative<GraniteMoeSharedConfig>(config());
  }
  [[nodiscard]] double residual_multiplier() const { return granite_ ? 0.7 : 1.0; }

  Recorder recorder_;
  const GraniteMoeHybridConfig* hybrid_ = nullptr;
  bool granite_ = true;
};

INSTANTIATE_TEST_SUITE_P(Reference, Skeleton,
                         testing::Combine(testing::ValuesIn(small_models()), testing::Values(Precision::f64)), name_of);

std::vector<SmallModel> models_with_experts() {
  std::vector<SmallModel> models = small_models();
  std::erase_if(models, [](const SmallModel& model) { return model.name == "granitemoehybrid_dense"; });
  return models;
}

class Mixture : public Skeleton {};
INSTANTIATE_TEST_SUITE_P(Reference, Mixture,
                         testing::Combine(testing::ValuesIn(models_with_experts()), testing::Values(Precision::f64)),
                         name_of);

double silu(double x) { return x / (1 + std::exp(-x)); }

TEST_P(Skeleton, StartsWithTheEmbeddingTimesItsMultiplier) {
  const std::vector<float>& rows = made_up().values("model.embed_tokens.weight");
  const double multiplier = granite_ ? 3.0 : 1.0;
  for (std::size_t i = 0; i < 48; ++i) {
    EXPECT_EQ(at(Site::embed_out)[48 + i], static_cast<double>(rows[91 * 48 + i]) * multiplier);
  }
}

TEST_P(Skeleton, AddsTheScaledMixerToTheStream) {
  for (std::size_t layer = 0; layer < 3; ++layer) {
    const std::vector<double>& before = layer == 0 ? at(Site::embed_out) : at(Site::layer_out, layer - 1);
    for (std::size_t i = 0; i < before.size(); ++i) {
      ASSERT_NEAR(at(Site::resid_mid, layer)[i], before[i] + at(Site::mixer_out, layer)[i] * residual_multiplier(),
                  1e-12);
    }
  }
}

TEST_P(Skeleton, AddsTheScaledSumOfItsExpertsAndTheSharedMlp) {
  for (std::size_t i = 0; i < at(Site::resid_mid, 1).size(); ++i) {
    double branch = has_experts() ? at(Site::moe_out, 1)[i] : 0.0;
    if (has_shared_mlp()) branch += at(Site::shared_mlp_out, 1)[i];
    ASSERT_NEAR(at(Site::layer_out, 1)[i], at(Site::resid_mid, 1)[i] + branch * residual_multiplier(), 1e-12);
  }
}

TEST_P(Skeleton, ScoresEachHeadAgainstItsGroupOfKeys) {
  const bool rotates = hybrid_ == nullptr || hybrid_->position_embedding_type == "rope";
  const std::size_t d = at(Site::q_proj, 1).size() / 36;  // six heads, six tokens
  const double scale = granite_ ? 0.4 : 1 / std::sqrt(static_cast<double>(d));
  const auto query = [&](std::size_t b, std::size_t head, std::size_t l, std::size_t i) {
    return rotates ? at(Site::q_rope, 1)[((b * 6 + head) * 3 + l) * d + i]
                   : at(Site::q_proj, 1)[((b * 3 + l) * 6 + head) * d + i];
  };
  const auto key = [&](std::size_t b, std::size_t head, std::size_t l, std::size_t i) {
    return rotates ? at(Site::k_rope, 1)[((b * 2 + head) * 3 + l) * d + i]
                   : at(Site::k_proj, 1)[((b * 3 + l) * 2 + head) * d + i];
  };
  for (std::size_t b = 0; b < 2; ++b) {
    for (std::size_t head = 0; head < 6; ++head) {
      for (std::size_t l = 0; l < 3; ++l) {
        double sum = 0;
        for (std::size_t i = 0; i < d; ++i) sum += query(b, head, l, i) * key(b, head / 3, l, i);
        ASSERT_NEAR(at(Site::attn_scores, 1)[((b * 6 + head) * 3 + l) * 3 + l], sum * scale, 1e-12) << "head " << head;
      }
    }
  }
}

TEST_P(Skeleton, ActivatesTheFirstHalfAndMultipliesByTheSecond) {
  const auto expect_act = [&](Site gate_up, Site act) {
    const std::size_t width = shape(act, 1).back();
    for (std::size_t i = 0; i < at(act, 1).size(); ++i) {
      const std::size_t gate = i / width * 2 * width + i % width;
      ASSERT_NEAR(at(act, 1)[i], silu(at(gate_up, 1)[gate]) * at(gate_up, 1)[gate + width], 1e-12);
    }
  };
  if (has_experts()) expect_act(Site::expert_gate_up, Site::expert_act);
  if (has_shared_mlp()) expect_act(Site::shared_gate_up, Site::shared_act);
}

TEST_P(Skeleton, FeedsTheSharedMlpTheNormedStream) {
  if (!has_shared_mlp()) return;
  const std::vector<float>& input = made_up().values("model.layers.1.shared_mlp.input_linear.weight");
  const std::vector<float>& output = made_up().values("model.layers.1.shared_mlp.output_linear.weight");
  for (std::size_t token = 0; token < 6; ++token) {
    double gate = 0;
    for (std::size_t i = 0; i < 48; ++i) {
      gate += at(Site::ffn_norm_out, 1)[token * 48 + i] * static_cast<double>(input[11 * 48 + i]);
    }
    EXPECT_NEAR(at(Site::shared_gate_up, 1)[token * 56 + 11], gate, 1e-12);
    double out = 0;
    for (std::size_t i = 0; i < 28; ++i) {
      out += at(Site::shared_act, 1)[token * 28 + i] * static_cast<double>(output[11 * 28 + i]);
    }
    EXPECT_NEAR(at(Site::shared_mlp_out, 1)[token * 48 + 11], out, 1e-12);
  }
}

/// Names every token the experts 0, 1, 2, ...
class FirstExperts final : public Injector {
 public:
  void inject(const ProbePoint& point, const MutableSiteValue& value) override {
    if (point.site != Site::router_experts) return;
    const auto experts = std::get<std::span<std::int64_t>>(value.values);
    const std::size_t slots = value.shape[1];
    for (std::size_t n = 0; n < experts.size(); ++n) experts[n] = static_cast<std::int64_t>(n % slots);
  }
};

TEST_P(Mixture, WeighsTheExpertsThatItIsGiven) {
  FirstExperts injector;
  Recorder recorder;
  (void)run(*engine(), {.input_ids = {{3, 91, 40}, {72, 5, 33}}}, Probe(&recorder, &injector));
  const std::size_t slots = shape(Site::router_experts, 0)[1];
  for (std::size_t layer = 0; layer < 3; ++layer) {
    const std::vector<double>& logits = recorder.at(Site::router_logits, LayerIndex{layer}).values;
    const std::vector<double>& weights = recorder.at(Site::router_weights, LayerIndex{layer}).values;
    EXPECT_NE(weights, at(Site::router_weights, layer));
    for (std::size_t token = 0; granite_ && token < 6; ++token) {
      // A softmax over the given experts: the ratio of two weights is that of their exponentials.
      const double ratio = weights[token * slots] / weights[token * slots + 1];
      EXPECT_NEAR(std::log(ratio), logits[token * 9] - logits[token * 9 + 1], 1e-12);
    }
  }
}

TEST_P(Mixture, TakesGateUpAndDownOfTheChosenExpert) {
  const std::string block = "model.layers.1.block_sparse_moe.";
  const std::size_t slots = shape(Site::router_experts, 1)[1];
  for (std::size_t n = 0; n < 6 * slots; ++n) {
    const auto expert = static_cast<std::size_t>(at(Site::router_experts, 1)[n]);
    // Row 7 of the gate, of the up projection and of the down projection.
    const auto row = [&](Site input, std::size_t first, std::size_t width, const std::string& matrix,
                         std::size_t at_row) {
      double sum = 0;
      for (std::size_t i = 0; i < width; ++i) {
        sum += at(input, 1)[first + i] * static_cast<double>(made_up().values(matrix)[at_row * width + i]);
      }
      return sum;
    };
    const std::string separate = block + "experts." + std::to_string(expert);
    const std::size_t token = n / slots * 48;
    const double gate = granite_ ? row(Site::ffn_norm_out, token, 48, block + "input_linear.weight", expert * 40 + 7)
                                 : row(Site::ffn_norm_out, token, 48, separate + ".w1.weight", 7);
    const double up = granite_ ? row(Site::ffn_norm_out, token, 48, block + "input_linear.weight", expert * 40 + 27)
                               : row(Site::ffn_norm_out, token, 48, separate + ".w3.weight", 7);
    const double down = granite_ ? row(Site::expert_act, n * 20, 20, block + "output_linear.weight", expert * 48 + 7)
                                 : row(Site::expert_act, n * 20, 20, separate + ".w2.weight", 7);
    ASSERT_NEAR(at(Site::expert_gate_up, 1)[n * 40 + 7], gate, 1e-12);
    ASSERT_NEAR(at(Site::expert_gate_up, 1)[n * 40 + 27], up, 1e-12);
    ASSERT_NEAR(at(Site::expert_out, 1)[n * 48 + 7], down, 1e-12);
  }
}

TEST_P(Mixture, WeighsTheOutputsOfTheExperts) {
  const std::size_t slots = shape(Site::router_experts, 1)[1];
  for (std::size_t token = 0; token < 6; ++token) {
    double sum = 0;
    double weights = 0;
    for (std::size_t slot = 0; slot < slots; ++slot) {
      const double weight = at(Site::router_weights, 1)[token * slots + slot];
      weights += weight;
      sum += weight * at(Site::expert_out, 1)[(token * slots + slot) * 48 + 5];
    }
    EXPECT_NEAR(at(Site::moe_out, 1)[token * 48 + 5], sum, 1e-12);
    if (granite_) {
      EXPECT_NEAR(weights, 1, 1e-12);
    } else {
      EXPECT_GT(weights, 1.2) << "two softmaxes, not renormalised";
    }
  }
}

TEST_P(Skeleton, EndsWithTheHeadDividedByTheLogitsScaling) {
  const std::vector<float>& head = made_up().values("lm_head.weight");
  const std::vector<double>& x = at(Site::final_norm_out);
  for (std::size_t token = 0; token < 6; ++token) {
    double sum = granite_ ? 0.0 : static_cast<double>(made_up().values("lm_head.bias")[96]);
    for (std::size_t i = 0; i < 48; ++i) sum += x[token * 48 + i] * static_cast<double>(head[96 * 48 + i]);
    EXPECT_NEAR(at(Site::logits)[token * 97 + 96], granite_ ? sum / 2.5 : sum, 1e-12);
  }
}

}  // namespace
}  // namespace assay::test
