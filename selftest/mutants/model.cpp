// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "selftest/mutants/mutants.hpp"
#include "selftest/rewrite.hpp"

namespace assay::selftest {
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

std::vector<Mutant> model_mutants() {
  return {
      {"residual-multiplier-forgotten", "residual_multiplier is forgotten", 4, "granitemoe_prefill",
       in_layer(0, 0, Site::resid_mid), [](BrokenModel& m) { m.granite().residual_multiplier = 1.0; }},
      {"residual-multiplier-half", "residual_multiplier is forgotten in the second branch of one layer", 4,
       "granitemoeshared_prefill", in_layer(0, 1, Site::layer_out),
       [](BrokenModel& m) {
         emit_instead(m, Site::layer_out, [](const Moment& moment, const Seen& seen, auto& x) {
           if (!moment.is(Site::layer_out, 1)) return;
           for (std::size_t i = 0; i < x.size(); ++i) {
             x[i] = seen(Site::resid_mid)[i] + seen(Site::moe_out)[i] + seen(Site::shared_mlp_out)[i];
           }
         });
       }},
      {"embedding-multiplier-forgotten", "embedding_multiplier is forgotten", 5, "granitemoe_prefill",
       in_model(0, Site::embed_out), [](BrokenModel& m) { m.granite().embedding_multiplier = 1.0; }},
      {"embedding-multiplier-hybrid", "embedding_multiplier is forgotten in a hybrid", 5, "granitemoehybrid_groups",
       in_model(0, Site::embed_out), [](BrokenModel& m) { m.granite().embedding_multiplier = 1.0; }},
      {"logits-multiplied", "logits are multiplied by logits_scaling instead of divided", 6, "granitemoe_prefill",
       in_model(0, Site::logits),
       [](BrokenModel& m) { m.granite().logits_scaling = 1.0 / m.granite().logits_scaling; }},
      {"logits-scaling-forgotten", "logits_scaling is forgotten", 6, "granitemoeshared_prefill",
       in_model(0, Site::logits), [](BrokenModel& m) { m.granite().logits_scaling = 1.0; }},
      {"norm-eps-off", "rms_norm_eps is a hundredth too large", 7, "granitemoe_gqa_tied",
       in_layer(0, 0, Site::attn_norm_out), [](BrokenModel& m) { m.common_config().rms_norm_eps *= 1.01; }},
      {"norm-eps-forgotten", "rms_norm_eps is forgotten in PhiMoE", 7, "phimoe_prefill",
       in_layer(0, 0, Site::attn_norm_out), [](BrokenModel& m) { m.common_config().rms_norm_eps = 0.0; }},
      {"norm-bias-dropped", "the bias of the first norm is dropped in PhiMoE", 8, "phimoe_bias",
       in_layer(0, 0, Site::attn_norm_out), [](BrokenModel& m) { drop(m, "model.layers.0.input_layernorm.bias"); }},
      {"second-norm-bias-dropped", "the bias of a layer's second norm is dropped in PhiMoE", 8, "phimoe_bias",
       in_layer(0, 1, Site::ffn_norm_out),
       [](BrokenModel& m) { drop(m, "model.layers.1.post_attention_layernorm.bias"); }},
      {"last-norm-bias-dropped", "the bias of the final norm is dropped in PhiMoE", 8, "phimoe_bias",
       in_model(0, Site::final_norm_out), [](BrokenModel& m) { drop(m, "model.norm.bias"); }},
      {"rms-norm-in-phimoe", "PhiMoE has an RMSNorm instead of a LayerNorm", 8, "phimoe_prefill",
       in_layer(0, 0, Site::attn_norm_out),
       [](BrokenModel& m) {
         const double eps = m.common_config().rms_norm_eps;
         emit_instead(
             m, Site::attn_norm_out,
             [=, weight = m.weight("model.layers.0.input_layernorm.weight"),
              bias = m.weight("model.layers.0.input_layernorm.bias")](const Moment&, const Seen& seen, auto& out) {
               rms_instead_of_layer_norm(eps, weight, bias, seen(Site::embed_out), out);
             });
       }},
      {"head-bias-dropped", "the bias of lm_head is dropped", 30, "phimoe_bias", in_model(0, Site::logits),
       [](BrokenModel& m) { drop(m, "lm_head.bias"); }},
      {"final-norm-skipped", "the final norm is skipped", 33, "granitemoe_prefill", in_model(0, Site::final_norm_out),
       [](BrokenModel& m) {
         emit_instead(m, Site::final_norm_out,
                      [](const Moment&, const Seen& seen, auto& x) { x = seen(Site::layer_out); });
       }},
      {"head-reversed", "a tied head reads the embedding backwards", no_trap, "granitemoe_gqa_tied",
       in_model(0, Site::logits),
       [](BrokenModel& m) {
         auto& head = m.weight("lm_head.weight");
         std::reverse(head.begin(), head.end());
       }},
      {"embeddings-x-1.001", "all embeddings are a thousandth too large", no_trap, "granitemoehybrid_groups",
       in_model(0, Site::embed_out),
       [](BrokenModel& m) {
         for (double& w : m.weight("model.embed_tokens.weight")) w *= 1.001;
       }},
      {"batch-rows-swapped", "two rows of the batch change places behind a layer", no_trap, "granitemoe_prefill",
       in_layer(0, 0, Site::layer_out),
       [](BrokenModel& m) {
         emit_instead(m, Site::layer_out,
                      [](const Moment&, const Seen&, auto& x) { swap_blocks(x, x.size(), x.size() / 2, 0, 1); });
       }},
  };
}

}  // namespace assay::selftest
