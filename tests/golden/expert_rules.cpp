// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/golden/rules.hpp"

namespace assay::test {
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

std::vector<Rule> expert_rules() {
  return {
      {"Trap01_GateAndUpOfExpertsSwapped", "granitemoe_prefill", "call 0 layer 0 expert_gate_up",
       [](BrokenModel& m) { halve_swap(m, "model.layers.0.block_sparse_moe.input_linear.weight"); }},
      {"Trap01_GateAndUpOfPhimoeSwapped", "phimoe_prefill", "call 0 layer 1 expert_gate_up",
       [](BrokenModel& m) {
         for (int e = 0; e < 7; ++e) {
           const std::string prefix = fmt::format("model.layers.1.block_sparse_moe.experts.{}.", e);
           std::swap(m.weight(prefix + "w1.weight"), m.weight(prefix + "w3.weight"));
         }
       }},
      {"Trap01_GateAndUpOfTheSharedMlpSwapped", "granitemoeshared_prefill", "call 0 layer 0 shared_gate_up",
       [](BrokenModel& m) { halve_swap(m, "model.layers.0.shared_mlp.input_linear.weight"); }},
      {"Trap01_GateAndUpActivatedInTheWrongOrder", "granitemoeshared_prefill", "call 0 layer 0 shared_act",
       [](BrokenModel& m) {
         go_on_with(m, Site::shared_gate_up, [](const Moment&, const Seen&, auto& x) { swap_blocks(x, 18, 9, 0, 1); });
       }},
      {"Trap02_SoftmaxOverAllExpertsWithoutRenormalising", "granitemoe_prefill", "call 0 layer 0 router_weights",
       [](BrokenModel& m) {
         emit_instead(m, Site::router_weights,
                      [](const Moment&, const Seen& seen, auto& w) { softmax_over_all(seen, w); });
       }},
      {"Trap09_OrdinarySoftmaxOfTwo", "phimoe_bias", "call 0 layer 0 router_weights",
       [](BrokenModel& m) {
         emit_instead(m, Site::router_weights,
                      [](const Moment&, const Seen& seen, auto& w) { softmax_of_two(seen, w); });
       }},
      {"Trap10_WeightsRenormalised", "phimoe_prefill", "call 0 layer 0 router_weights",
       [](BrokenModel& m) {
         emit_instead(m, Site::router_weights, [](const Moment&, const Seen&, auto& w) {
           for (std::size_t t = 0; t < w.size(); t += 2) {
             const double sum = w[t] + w[t + 1];
             w[t] /= sum;
             w[t + 1] /= sum;
           }
         });
       }},
      {"Trap11_BandOfOneEpsInsteadOfTwo", "phimoe_bias", "call 0 layer 0 router_weights",
       [](BrokenModel& m) { m.config<PhimoeConfig>().router_jitter_noise /= 2.0; }},
      {"Trap12_SecondSoftmaxWithTheFirstExpertInIt", "phimoe_bias", "call 0 layer 0 router_weights",
       [](BrokenModel& m) {
         const double jitter = m.config<PhimoeConfig>().router_jitter_noise;
         emit_instead(m, Site::router_weights, [=](const Moment&, const Seen& seen, auto& w) {
           second_softmax_with_the_first(jitter, seen, w);
         });
       }},
      {"Trap29_SharedMlpFedTheStreamBeforeTheNorm", "granitemoehybrid_dense", "call 0 layer 0 shared_gate_up",
       [](BrokenModel& m) {
         go_on_with(m, Site::ffn_norm_out, [](const Moment&, const Seen& seen, auto& x) { x = seen(Site::resid_mid); });
       }},
      {"Trap29_SharedMlpScaledTwice", "granitemoeshared_prefill", "call 0 layer 0 layer_out",
       [](BrokenModel& m) {
         const double r = m.granite().residual_multiplier;
         emit_instead(m, Site::layer_out, [=](const Moment&, const Seen& seen, auto& x) {
           for (std::size_t i = 0; i < x.size(); ++i) x[i] += (r * r - r) * seen(Site::shared_mlp_out)[i];
         });
       }},
      {"OneWrongExpertOfOneToken", "granitemoe_prefill", "call 0 layer 2 router_experts",
       [](BrokenModel& m) {
         emit_instead(m, Site::router_experts, [](const Moment& moment, const Seen& seen, auto& experts) {
           if (!moment.is(Site::router_experts, 2)) return;
           const auto& logits = seen(Site::router_logits);
           // Token 5 gets its worst expert instead of its best.
           const auto row = logits.begin() + 5 * 8;
           experts[5 * 3] = static_cast<double>(std::min_element(row, row + 8) - row);
         });
       }},
      {"PhimoeSlotsInTheWrongOrder", "phimoe_prefill", "call 0 layer 0 router_experts",
       [](BrokenModel& m) {
         emit_instead(m, Site::router_experts,
                      [](const Moment&, const Seen&, auto& experts) { swap_blocks(experts, 2, 1, 0, 1); });
       }},
      {"ExpertsOfAnotherTokenSummed", "granitemoe_prefill", "call 0 layer 0 moe_out",
       [](BrokenModel& m) {
         go_on_with(m, Site::expert_out,
                    [](const Moment&, const Seen&, auto& out) { swap_blocks(out, out.size(), 3 * 24, 0, 1); });
       }},
  };
}

}  // namespace assay::test
