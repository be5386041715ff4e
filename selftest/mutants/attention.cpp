// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "selftest/mutants/mutants.hpp"
#include "selftest/rewrite.hpp"

namespace assay::selftest {
namespace {

std::vector<double> zeros(const std::vector<double>& like) { return std::vector<double>(like.size(), 0.0); }

/// x'[2i] = x[2i] cos - x[2i+1] sin, as other models rotate; granitemoe_prefill: B 2, L 6, H 6, d 4.
void rotate_even_and_odd(const Seen& seen, std::vector<double>& q_rope) {
  constexpr std::size_t batch = 2, heads = 6, tokens = 6, d = 4;
  const auto& q = seen(Site::q_proj);      // [B, L, H*d]
  const auto& cos = seen(Site::rope_cos);  // [1, L, d]
  const auto& sin = seen(Site::rope_sin);  // [1, L, d]
  for (std::size_t b = 0; b < batch; ++b) {
    for (std::size_t head = 0; head < heads; ++head) {
      for (std::size_t l = 0; l < tokens; ++l) {
        const std::size_t from = (b * tokens + l) * heads * d + head * d;
        const std::size_t to = ((b * heads + head) * tokens + l) * d;
        for (std::size_t i = 0; i < d / 2; ++i) {
          const double c = cos[l * d + i];
          const double s = sin[l * d + i];
          q_rope[to + 2 * i] = q[from + 2 * i] * c - q[from + 2 * i + 1] * s;
          q_rope[to + 2 * i + 1] = q[from + 2 * i + 1] * c + q[from + 2 * i] * s;
        }
      }
    }
  }
}

/// Rows that see nothing become zero where eager attention is uniform.
void zero_blind_rows(const Seen& seen, std::vector<double>& probs) {
  constexpr std::size_t heads = 4;  // of granitemoe_left_pad
  const auto& visible = seen(Site::attn_visible);
  const std::size_t keys = 6;
  if (visible.size() != 2 * 6 * keys) return;  // the second call
  for (std::size_t row = 0; row < visible.size() / keys; ++row) {
    const auto first = visible.begin() + static_cast<std::ptrdiff_t>(row * keys);
    if (std::any_of(first, first + keys, [](double v) { return v != 0.0; })) continue;
    const std::size_t b = row / 6, l = row % 6;
    for (std::size_t head = 0; head < heads; ++head) {
      for (std::size_t s = 0; s < keys; ++s) probs[((b * heads + head) * 6 + l) * keys + s] = 0.0;
    }
  }
}

/// Angles in double instead of float32: granitemoe_prefill has d 4 and positions 0 to 5.
void cosine_of_double_angles(double theta, std::vector<double>& cos) {
  for (std::size_t l = 0; l < 6; ++l) {
    for (std::size_t i = 0; i < 4; ++i) {
      cos[l * 4 + i] = std::cos(static_cast<double>(l) * std::pow(theta, -static_cast<double>(i % 2) / 2.0));
    }
  }
}

}  // namespace

std::vector<Mutant> attention_mutants() {
  return {
      {"scores-over-root-d", "scores are scaled by 1/sqrt(d) instead of attention_multiplier", 3, "granitemoe_prefill",
       in_layer(0, 0, Site::attn_scores), [](BrokenModel& m) { m.granite().attention_multiplier = 0.5; }},
      {"attention-multiplier-off-hybrid", "attention_multiplier is a ten-thousandth too large in a hybrid", 3,
       "granitemoehybrid_cache", in_layer(0, 1, Site::attn_scores),
       [](BrokenModel& m) { m.granite().attention_multiplier *= 1.0001; }},
      {"rope-even-and-odd", "RoPE rotates even and odd channels instead of halves", 13, "granitemoe_prefill",
       in_layer(0, 0, Site::q_rope),
       [](BrokenModel& m) {
         emit_instead(m, Site::q_rope, [](const Moment&, const Seen& seen, auto& q) { rotate_even_and_odd(seen, q); });
       }},
      {"rope-sine-sign", "the sines of RoPE have the wrong sign", 13, "granitemoe_prefill",
       in_layer(0, 0, Site::q_rope),
       [](BrokenModel& m) {
         go_on_with(m, Site::rope_sin, [](const Moment&, const Seen&, auto& sin) {
           for (double& value : sin) value = -value;
         });
       }},
      {"rope-ignored", "no RoPE, though position_embedding_type asks for it", 14, "granitemoehybrid_attention_only",
       in_model(0, Site::rope_inv_freq),
       [](BrokenModel& m) { m.config<GraniteMoeHybridConfig>().position_embedding_type = "nope"; }},
      {"rope-angles-in-double", "angles of RoPE are computed in double instead of float32", 15, "granitemoe_prefill",
       in_model(0, Site::rope_cos),
       [](BrokenModel& m) {
         const double theta = m.common_config().rope.rope_theta;
         emit_instead(m, Site::rope_cos,
                      [=](const Moment&, const Seen&, auto& cos) { cosine_of_double_angles(theta, cos); });
       },
       "at positions 0 to 5 the two differ by less than float32 rounds"},
      {"rope-theta", "rope_theta is a thousandth too large", 15, "granitemoe_prefill", in_model(0, Site::rope_inv_freq),
       [](BrokenModel& m) { m.common_config().rope.rope_theta *= 1.001; }},
      {"rope-theta-phimoe", "rope_theta is a thousandth too large in PhiMoE", 15, "phimoe_prefill",
       in_model(0, Site::rope_inv_freq), [](BrokenModel& m) { m.common_config().rope.rope_theta *= 1.001; }},
      {"blind-rows-zero", "a query that sees no key attends to nothing instead of to all keys alike", 26,
       "granitemoe_left_pad", in_layer(0, 0, Site::attn_probs),
       [](BrokenModel& m) {
         emit_instead(m, Site::attn_probs, [](const Moment&, const Seen& seen, auto& p) { zero_blind_rows(seen, p); });
       }},
      {"window-one-too-wide", "the mask of a sliding window lets one key too many through", 27, "phimoe_sliding_window",
       in_layer(0, 0, Site::attn_visible),
       [](BrokenModel& m) {
         // W 4, L 5: the last query of the first call must not see key 0.
         emit_instead(m, Site::attn_visible, [](const Moment& moment, const Seen&, auto& visible) {
           if (moment.call.value == 0) visible[4 * 5] = visible[25 + 4 * 5] = 1.0;
         });
       }},
      {"key-heads-swapped", "two key heads change places behind RoPE", 28, "granitemoe_prefill",
       in_layer(0, 0, Site::attn_scores),
       [](BrokenModel& m) {
         go_on_with(m, Site::k_rope,
                    [](const Moment&, const Seen&, auto& k) { swap_blocks(k, 3 * 6 * 4, 6 * 4, 0, 1); });
       }},
      {"value-heads-swapped", "two value heads change places", 28, "granitemoe_prefill", in_layer(0, 0, Site::attn_out),
       [](BrokenModel& m) {
         go_on_with(m, Site::v_proj, [](const Moment&, const Seen&, auto& v) { swap_blocks(v, 3 * 4, 4, 1, 2); });
       }},
      {"query-bias-dropped-phimoe", "the bias of q_proj is dropped in PhiMoE", 30, "phimoe_bias",
       in_layer(0, 0, Site::q_proj),
       [](BrokenModel& m) {
         auto& b = m.weight("model.layers.0.self_attn.q_proj.bias");
         b = zeros(b);
       }},
      {"query-bias-dropped", "the bias of q_proj is dropped in the second layer", 30, "granitemoe_gqa_tied",
       in_layer(0, 1, Site::q_proj),
       [](BrokenModel& m) {
         auto& b = m.weight("model.layers.1.self_attn.q_proj.bias");
         b = zeros(b);
       }},
      {"output-bias-dropped", "the bias of o_proj is dropped", 30, "granitemoehybrid_groups",
       in_layer(0, 1, Site::mixer_out),
       [](BrokenModel& m) {
         auto& b = m.weight("model.layers.1.self_attn.o_proj.bias");
         b = zeros(b);
       }},
      {"decode-mask-of-the-new-token", "the mask of a decode step covers the new token only", 35, "granitemoe_left_pad",
       in_layer(1, 0, Site::attn_visible),
       [](BrokenModel& m) {
         static constexpr std::int64_t ones[] = {1, 1};
         m.meddling.call_change = [](CallIndex index, Call& call) {
           if (index.value == 1) call.attention_mask = View<const std::int64_t, 2>(ones, {2, 1});
         };
       }},
      {"padding-ignored", "attention_mask is ignored", 26, "granitemoe_left_pad", in_layer(0, 0, Site::attn_visible),
       [](BrokenModel& m) { m.meddling.call_change = [](CallIndex, Call& call) { call.attention_mask.reset(); }; }},
  };
}

}  // namespace assay::selftest
