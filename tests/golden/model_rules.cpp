// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tests/golden/rules.hpp"

namespace assay::test {
namespace {

void drop(BrokenModel& m, const std::string& name) { std::ranges::fill(m.weight(name), 0.0); }

/// x / rms(x) where PhiMoE has a LayerNorm (D 24).
void rms_instead_of_layer_norm(double eps, const std::vector<double>& weight, const std::vector<double>& bias,
                               const std::vector<double>& x, std::vector<double>& out) {
  constexpr std::size_t width = 24;
  for (std::size_t row = 0; row < out.size(); row += width) {
    double squares = 0.0;
    for (std::size_t i = 0; i < width; ++i) squares += x[row + i] * x[row + i];
    const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(width) + eps);
    for (std::size_t i = 0; i < width; ++i) out[row + i] = x[row + i] * inverse * weight[i] + bias[i];
  }
}

}  // namespace

std::vector<Rule> model_rules() {
  return {
      {"Trap04_ResidualMultiplierForgotten", "granitemoe_prefill", "call 0 layer 0 resid_mid",
       [](BrokenModel& m) { m.granite().residual_multiplier = 1.0; }},
      {"Trap04_ResidualMultiplierInTheSecondBranchOnly", "granitemoeshared_prefill", "call 0 layer 1 layer_out",
       [](BrokenModel& m) {
         emit_instead(m, Site::layer_out, [](const Moment& moment, const Seen& seen, auto& x) {
           if (!moment.is(Site::layer_out, 1)) return;
           for (std::size_t i = 0; i < x.size(); ++i) {
             x[i] = seen(Site::resid_mid)[i] + seen(Site::moe_out)[i] + seen(Site::shared_mlp_out)[i];
           }
         });
       }},
      {"Trap05_EmbeddingMultiplierForgotten", "granitemoe_prefill", "call 0 embed_out",
       [](BrokenModel& m) { m.granite().embedding_multiplier = 1.0; }},
      {"Trap05_EmbeddingMultiplierForgottenInAHybrid", "granitemoehybrid_groups", "call 0 embed_out",
       [](BrokenModel& m) { m.granite().embedding_multiplier = 1.0; }},
      {"Trap06_LogitsMultipliedByTheirScaling", "granitemoe_prefill", "call 0 logits",
       [](BrokenModel& m) { m.granite().logits_scaling = 1.0 / m.granite().logits_scaling; }},
      {"Trap06_LogitsScalingForgottenInASharedModel", "granitemoeshared_prefill", "call 0 logits",
       [](BrokenModel& m) { m.granite().logits_scaling = 1.0; }},
      {"Trap07_AnotherEps", "granitemoe_gqa_tied", "call 0 layer 0 attn_norm_out",
       [](BrokenModel& m) { m.common_config().rms_norm_eps *= 1.01; }},
      {"Trap07_EpsForgottenInPhimoe", "phimoe_prefill", "call 0 layer 0 attn_norm_out",
       [](BrokenModel& m) { m.common_config().rms_norm_eps = 0.0; }},
      {"Trap08_NormBiasDropped", "phimoe_bias", "call 0 layer 0 attn_norm_out",
       [](BrokenModel& m) { drop(m, "model.layers.0.input_layernorm.bias"); }},
      {"Trap08_SecondNormBiasDropped", "phimoe_bias", "call 0 layer 1 ffn_norm_out",
       [](BrokenModel& m) { drop(m, "model.layers.1.post_attention_layernorm.bias"); }},
      {"Trap08_LastNormBiasDropped", "phimoe_bias", "call 0 final_norm_out",
       [](BrokenModel& m) { drop(m, "model.norm.bias"); }},
      {"Trap08_RmsNormInPhimoe", "phimoe_prefill", "call 0 layer 0 attn_norm_out",
       [](BrokenModel& m) {
         const double eps = m.common_config().rms_norm_eps;
         emit_instead(
             m, Site::attn_norm_out,
             [=, weight = m.weight("model.layers.0.input_layernorm.weight"),
              bias = m.weight("model.layers.0.input_layernorm.bias")](const Moment&, const Seen& seen, auto& out) {
               rms_instead_of_layer_norm(eps, weight, bias, seen(Site::embed_out), out);
             });
       }},
      {"Trap30_HeadBiasDropped", "phimoe_bias", "call 0 logits", [](BrokenModel& m) { drop(m, "lm_head.bias"); }},
      {"Trap33_LastHiddenStateBeforeTheNorm", "granitemoe_prefill", "call 0 final_norm_out",
       [](BrokenModel& m) {
         emit_instead(m, Site::final_norm_out,
                      [](const Moment&, const Seen& seen, auto& x) { x = seen(Site::layer_out); });
       }},
      {"HeadNotTiedToTheEmbedding", "granitemoe_gqa_tied", "call 0 logits",
       [](BrokenModel& m) {
         auto& head = m.weight("lm_head.weight");
         std::reverse(head.begin(), head.end());
       }},
      {"EmbeddingsAThousandthOff", "granitemoehybrid_groups", "call 0 embed_out",
       [](BrokenModel& m) {
         for (double& w : m.weight("model.embed_tokens.weight")) w *= 1.001;
       }},
      {"RowsOfTheBatchSwapped", "granitemoe_prefill", "call 0 layer 0 layer_out",
       [](BrokenModel& m) {
         emit_instead(m, Site::layer_out,
                      [](const Moment&, const Seen&, auto& x) { swap_blocks(x, x.size(), x.size() / 2, 0, 1); });
       }},
  };
}

}  // namespace assay::test
