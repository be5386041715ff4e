// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "selftest/mutants/mutants.hpp"
#include "selftest/rewrite.hpp"

namespace assay::selftest {
namespace {

/// exp(logit) of each chosen expert over the sum of all experts.
void softmax_over_all(const Seen& seen, std::vector<double>& weights) {
  const auto& logits = seen(Site::router_logits);    // [T, E]
  const auto& experts = seen(Site::router_experts);  // [T, k]
  const std::size_t slots = 3, tokens = weights.size() / slots, count = logits.size() / tokens;
  for (std::size_t t = 0; t < tokens; ++t) {
    double sum = 0.0;
    for (std::size_t e = 0; e < count; ++e) sum += std::exp(logits[t * count + e]);
    for (std::size_t k = 0; k < slots; ++k) {
      weights[t * slots + k] = std::exp(logits[t * count + static_cast<std::size_t>(experts[t * slots + k])]) / sum;
    }
  }
}

/// PhiMoE's two experts by one softmax over just these two.
void softmax_of_two(const Seen& seen, std::vector<double>& weights) {
  const auto& logits = seen(Site::router_logits);
  const auto& experts = seen(Site::router_experts);
  const std::size_t tokens = weights.size() / 2, count = logits.size() / tokens;
  for (std::size_t t = 0; t < tokens; ++t) {
    const double first = std::exp(logits[t * count + static_cast<std::size_t>(experts[2 * t])]);
    const double second = std::exp(logits[t * count + static_cast<std::size_t>(experts[2 * t + 1])]);
    weights[2 * t] = first / (first + second);
    weights[2 * t + 1] = second / (first + second);
  }
}

/// The second band's softmax with the first expert still in it.
void second_softmax_with_the_first(double jitter, const Seen& seen, std::vector<double>& weights) {
  const auto& logits = seen(Site::router_logits);
  const auto& experts = seen(Site::router_experts);
  const std::size_t tokens = weights.size() / 2, count = logits.size() / tokens;
  for (std::size_t t = 0; t < tokens; ++t) {
    const double second = logits[t * count + static_cast<std::size_t>(experts[2 * t + 1])];
    double sum = 0.0;
    for (std::size_t e = 0; e < count; ++e) {
      const double score = logits[t * count + e];
      if ((second - score) / std::max(std::abs(score), second) <= 2.0 * jitter) sum += std::exp(score - second);
    }
    weights[2 * t + 1] = 1.0 / sum;
  }
}

void halve_swap(BrokenModel& m, const std::string& name) {
  const Shape& shape = m.shape(name);  // [E, 2I, D] or [2I, D]
  const std::size_t columns = shape.back();
  const std::size_t rows = shape[shape.size() - 2];
  swap_blocks(m.weight(name), rows * columns, rows / 2 * columns, 0, 1);
}

}  // namespace

std::vector<Mutant> expert_mutants() {
  return {
      {"expert-gate-and-up-swapped", "the halves of the experts' fused projection are swapped", 1, "granitemoe_prefill",
       in_layer(0, 0, Site::expert_gate_up),
       [](BrokenModel& m) { halve_swap(m, "model.layers.0.block_sparse_moe.input_linear.weight"); }},
      {"expert-w1-and-w3-swapped", "w1 and w3 of PhiMoE's experts are swapped in one layer", 1, "phimoe_prefill",
       in_layer(0, 1, Site::expert_gate_up),
       [](BrokenModel& m) {
         for (int e = 0; e < 7; ++e) {
           const std::string prefix = fmt::format("model.layers.1.block_sparse_moe.experts.{}.", e);
           std::swap(m.weight(prefix + "w1.weight"), m.weight(prefix + "w3.weight"));
         }
       }},
      {"shared-gate-and-up-swapped", "the halves of the shared MLP's fused projection are swapped", 1,
       "granitemoeshared_prefill", in_layer(0, 0, Site::shared_gate_up),
       [](BrokenModel& m) { halve_swap(m, "model.layers.0.shared_mlp.input_linear.weight"); }},
      {"shared-activates-up", "the shared MLP activates the second half instead of the first", 1,
       "granitemoeshared_prefill", in_layer(0, 0, Site::shared_act),
       [](BrokenModel& m) {
         go_on_with(m, Site::shared_gate_up, [](const Moment&, const Seen&, auto& x) { swap_blocks(x, 18, 9, 0, 1); });
       }},
      {"softmax-over-all-experts", "router weights are a softmax over all experts, not renormalised", 2,
       "granitemoe_prefill", in_layer(0, 0, Site::router_weights),
       [](BrokenModel& m) {
         emit_instead(m, Site::router_weights,
                      [](const Moment&, const Seen& seen, auto& w) { softmax_over_all(seen, w); });
       }},
      {"sparsemixer-plain-softmax", "PhiMoE's two weights come from one softmax of two", 9, "phimoe_bias",
       in_layer(0, 0, Site::router_weights),
       [](BrokenModel& m) {
         emit_instead(m, Site::router_weights,
                      [](const Moment&, const Seen& seen, auto& w) { softmax_of_two(seen, w); });
       }},
      {"sparsemixer-renormalised", "PhiMoE's two weights are made to sum to 1", 10, "phimoe_prefill",
       in_layer(0, 0, Site::router_weights),
       [](BrokenModel& m) {
         emit_instead(m, Site::router_weights, [](const Moment&, const Seen&, auto& w) {
           for (std::size_t t = 0; t < w.size(); t += 2) {
             const double sum = w[t] + w[t + 1];
             w[t] /= sum;
             w[t + 1] /= sum;
           }
         });
       }},
      {"sparsemixer-half-band", "sparsemixer masks beyond eps instead of 2 eps", 11, "phimoe_bias",
       in_layer(0, 0, Site::router_weights),
       [](BrokenModel& m) { m.config<PhimoeConfig>().router_jitter_noise /= 2.0; }},
      {"sparsemixer-first-stays", "the second softmax still contains the first expert", 12, "phimoe_bias",
       in_layer(0, 0, Site::router_weights),
       [](BrokenModel& m) {
         const double jitter = m.config<PhimoeConfig>().router_jitter_noise;
         emit_instead(m, Site::router_weights, [=](const Moment&, const Seen& seen, auto& w) {
           second_softmax_with_the_first(jitter, seen, w);
         });
       }},
      {"shared-fed-before-norm", "the shared MLP reads the stream before the norm", 29, "granitemoehybrid_dense",
       in_layer(0, 0, Site::shared_gate_up),
       [](BrokenModel& m) {
         go_on_with(m, Site::ffn_norm_out, [](const Moment&, const Seen& seen, auto& x) { x = seen(Site::resid_mid); });
       }},
      {"shared-scaled-twice", "residual_multiplier scales the shared MLP twice", 29, "granitemoeshared_prefill",
       in_layer(0, 0, Site::layer_out),
       [](BrokenModel& m) {
         const double r = m.granite().residual_multiplier;
         emit_instead(m, Site::layer_out, [=](const Moment&, const Seen& seen, auto& x) {
           for (std::size_t i = 0; i < x.size(); ++i) x[i] += (r * r - r) * seen(Site::shared_mlp_out)[i];
         });
       }},
      {"wrong-expert-of-one-token", "one token goes to its worst expert instead of its best", no_trap,
       "granitemoe_prefill", in_layer(0, 2, Site::router_experts),
       [](BrokenModel& m) {
         emit_instead(m, Site::router_experts, [](const Moment& moment, const Seen& seen, auto& experts) {
           if (!moment.is(Site::router_experts, 2)) return;
           const auto& logits = seen(Site::router_logits);
           // Token 5 gets its worst expert instead of its best.
           const auto row = logits.begin() + 5 * 8;
           experts[5 * 3] = static_cast<double>(std::min_element(row, row + 8) - row);
         });
       }},
      {"sparsemixer-slots-swapped", "PhiMoE's first and second expert change places", no_trap, "phimoe_prefill",
       in_layer(0, 0, Site::router_experts),
       [](BrokenModel& m) {
         emit_instead(m, Site::router_experts,
                      [](const Moment&, const Seen&, auto& experts) { swap_blocks(experts, 2, 1, 0, 1); });
       }},
      {"experts-of-another-token", "the first two tokens get each other's expert outputs", no_trap,
       "granitemoe_prefill", in_layer(0, 0, Site::moe_out),
       [](BrokenModel& m) {
         go_on_with(m, Site::expert_out,
                    [](const Moment&, const Seen&, auto& out) { swap_blocks(out, out.size(), 3 * 24, 0, 1); });
       }},
  };
}

}  // namespace assay::selftest
