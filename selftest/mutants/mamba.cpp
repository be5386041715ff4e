// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Widths of the goldens used here. granitemoehybrid_cache and _dense: Im 40, Hm 5, P 8, G 1, N 7, C 54, in_proj 99;
// _groups: Im 36, Hm 9, P 4, G 3, N 5, C 66, in_proj 111.
#include <algorithm>
#include <cmath>
#include <limits>

#include "selftest/mutants/mutants.hpp"
#include "selftest/rewrite.hpp"

namespace assay::selftest {
namespace {

const std::string mixer = "model.layers.0.mamba.";

std::vector<double> filled(const std::vector<double>& like, double value) {
  return std::vector<double>(like.size(), value);
}

double silu(double x) { return x / (1.0 + std::exp(-x)); }
double softplus(double x) { return std::log1p(std::exp(x)); }

/// Convolution of channels [Im, C) without the activation behind it (K 4, no past).
void leave_b_and_c_unactivated(const std::vector<double>& taps, const std::vector<double>& bias, const Seen& seen,
                               std::vector<double>& conv) {
  constexpr std::size_t tokens = 4, channels = 54, width = 99, inner = 40;
  const auto& projected = seen(Site::in_proj);
  for (std::size_t b = 0; b < 2; ++b) {
    for (std::size_t l = 0; l < tokens; ++l) {
      for (std::size_t c = inner; c < channels; ++c) {
        double sum = bias[c];
        for (std::size_t k = 0; k < 4; ++k) {
          if (l + k < 3) continue;
          sum += taps[c * 4 + k] * projected[(b * tokens + l + k - 3) * width + inner + c];
        }
        conv[(b * tokens + l) * channels + c] = sum;
      }
    }
  }
}

/// rms(y * silu(gate)) over `group` channels at a time: the rule, where `group` is the width of a group.
void gated_norm(const Seen& seen, std::size_t inner, std::size_t width, std::size_t group, double eps,
                const std::vector<double>& scale, std::vector<double>& out) {
  const auto& y = seen(Site::ssm_out);
  const auto& projected = seen(Site::in_proj);
  for (std::size_t row = 0; row < out.size() / inner; ++row) {
    for (std::size_t start = 0; start < inner; start += group) {
      double squares = 0.0;
      for (std::size_t i = start; i < start + group; ++i) {
        out[row * inner + i] = y[row * inner + i] * silu(projected[row * width + i]);
        squares += out[row * inner + i] * out[row * inner + i];
      }
      const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(group) + eps);
      for (std::size_t i = start; i < start + group; ++i) out[row * inner + i] *= inverse * scale[i];
    }
  }
}

/// rms(y) * silu(gate).
void norm_before_gate(const Seen& seen, double eps, const std::vector<double>& scale, std::vector<double>& out) {
  constexpr std::size_t inner = 40, width = 99;
  const auto& y = seen(Site::ssm_out);
  const auto& projected = seen(Site::in_proj);
  for (std::size_t row = 0; row < out.size() / inner; ++row) {
    double squares = 0.0;
    for (std::size_t i = 0; i < inner; ++i) squares += y[row * inner + i] * y[row * inner + i];
    const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(inner) + eps);
    for (std::size_t i = 0; i < inner; ++i) {
      out[row * inner + i] = y[row * inner + i] * inverse * scale[i] * silu(projected[row * width + i]);
    }
  }
}

void norm_over_all_groups(BrokenModel& m) {
  const double eps = m.common_config().rms_norm_eps;
  const std::vector<double> scale = m.weight(mixer + "norm.weight");
  emit_instead(m, Site::gated_norm_out,
               [=](const Moment&, const Seen& seen, auto& out) { gated_norm(seen, 36, 111, 36, eps, scale, out); });
}

void norm_too_early(BrokenModel& m) {
  const double eps = m.common_config().rms_norm_eps;
  const std::vector<double> scale = m.weight(mixer + "norm.weight");
  emit_instead(m, Site::gated_norm_out,
               [=](const Moment&, const Seen& seen, auto& out) { norm_before_gate(seen, eps, scale, out); });
}

void activate_x_only(BrokenModel& m) {
  emit_instead(m, Site::conv_out,
               [taps = m.weight(mixer + "conv1d.weight"), bias = m.weight(mixer + "conv1d.bias")](
                   const Moment& moment, const Seen& seen, auto& conv) {
                 if (moment.call.value == 0) leave_b_and_c_unactivated(taps, bias, seen, conv);
               });
}

void bias_after_softplus(BrokenModel& m) {
  emit_instead(m, Site::ssm_dt, [bias = m.weight(mixer + "dt_bias")](const Moment&, const Seen& seen, auto& dt) {
    for (std::size_t i = 0; i < dt.size(); ++i)
      dt[i] = softplus(seen(Site::in_proj)[i / 5 * 99 + 94 + i % 5]) + bias[i % 5];
  });
}

void skip_scaled_by_the_step(BrokenModel& m) {
  emit_instead(m, Site::ssm_out, [skip = m.weight(mixer + "D")](const Moment&, const Seen& seen, auto& y) {
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t row = i / 40, channel = i % 40, head = channel / 8;
      y[i] += skip[head] * seen(Site::conv_out)[row * 54 + channel] * (seen(Site::ssm_dt)[row * 5 + head] - 1.0);
    }
  });
}

}  // namespace

std::vector<Mutant> mamba_mutants() {
  return {
      {"in-proj-rows-rotated", "in_proj has its parts in another order than gate, xBC, dt", 18,
       "granitemoehybrid_cache", in_layer(0, 0, Site::in_proj),
       [](BrokenModel& m) {
         auto& rows = m.weight(mixer + "in_proj.weight");  // [99, 20]: gate 40, xBC 54, dt 5
         std::rotate(rows.begin(), rows.begin() + 40 * 20, rows.begin() + 94 * 20);
       }},
      {"in-proj-gate-as-input", "gate and x are taken for each other behind in_proj", 18, "granitemoehybrid_cache",
       in_layer(0, 0, Site::conv_out),
       [](BrokenModel& m) {
         go_on_with(m, Site::in_proj, [](const Moment&, const Seen&, auto& x) {
           for (std::size_t row = 0; row < x.size(); row += 99) {
             const auto first = x.begin() + static_cast<std::ptrdiff_t>(row);
             std::swap_ranges(first, first + 40, first + 40);
           }
         });
       }},
      {"conv-taps-reversed", "the taps of the convolution are reversed", 19, "granitemoehybrid_cache",
       in_layer(0, 0, Site::conv_out),
       [](BrokenModel& m) {
         auto& taps = m.weight(mixer + "conv1d.weight");  // [54, 1, 4]
         for (auto row = taps.begin(); row != taps.end(); row += 4) std::reverse(row, row + 4);
       }},
      {"conv-bias-dropped", "the bias of the convolution is dropped", 19, "granitemoehybrid_cache",
       in_layer(0, 0, Site::conv_out),
       [](BrokenModel& m) {
         auto& b = m.weight(mixer + "conv1d.bias");
         b = filled(b, 0.0);
       }},
      {"conv-activates-x-only", "the activation behind the convolution leaves out B and C", 20,
       "granitemoehybrid_cache", in_layer(0, 0, Site::conv_out), activate_x_only},
      {"gated-norm-before-gate", "the gated norm normalises before the gate", 21, "granitemoehybrid_cache",
       in_layer(0, 0, Site::gated_norm_out), norm_too_early},
      {"gated-norm-weight-dropped", "the weight of the gated norm is dropped", 21, "granitemoehybrid_cache",
       in_layer(0, 0, Site::gated_norm_out),
       [](BrokenModel& m) {
         auto& w = m.weight(mixer + "norm.weight");
         w = filled(w, 1.0);
       }},
      {"gated-norm-over-all-groups", "the gated norm takes all groups together", 22, "granitemoehybrid_groups",
       in_layer(0, 0, Site::gated_norm_out), norm_over_all_groups},
      {"ssm-groups-swapped", "two groups of B change places", 22, "granitemoehybrid_groups",
       in_layer(0, 0, Site::ssm_out),
       [](BrokenModel& m) {
         go_on_with(m, Site::conv_out, [](const Moment&, const Seen&, auto& x) {
           for (std::size_t row = 0; row < x.size(); row += 66) {
             const auto b = x.begin() + static_cast<std::ptrdiff_t>(row + 36);
             std::swap_ranges(b, b + 5, b + 10);
           }
         });
       }},
      {"ssm-step-bias-dropped", "dt_bias is dropped", 23, "granitemoehybrid_cache", in_layer(0, 0, Site::ssm_dt),
       [](BrokenModel& m) {
         auto& b = m.weight(mixer + "dt_bias");
         b = filled(b, 0.0);
       }},
      {"ssm-step-bias-late", "dt_bias is added behind the softplus", 23, "granitemoehybrid_cache",
       in_layer(0, 0, Site::ssm_dt), bias_after_softplus},
      {"ssm-decay-sign", "A is -exp(-A_log) instead of -exp(A_log)", 23, "granitemoehybrid_cache",
       in_layer(0, 0, Site::ssm_out),
       [](BrokenModel& m) {
         for (double& a : m.weight(mixer + "A_log")) a = -a;
       }},
      {"ssm-skip-dropped", "the skip D * x is dropped", 23, "granitemoehybrid_cache", in_layer(0, 0, Site::ssm_out),
       [](BrokenModel& m) {
         auto& d = m.weight(mixer + "D");
         d = filled(d, 0.0);
       }},
      {"ssm-skip-times-step", "the skip is D * dt * x instead of D * x", 23, "granitemoehybrid_cache",
       in_layer(0, 0, Site::ssm_out), skip_scaled_by_the_step},
      {"mamba-padding-ignored", "the mixer does not mask padding", 24, "granitemoehybrid_left_pad",
       in_layer(0, 0, Site::in_proj),
       [](BrokenModel& m) { m.meddling.call_change = [](CallIndex, Call& call) { call.attention_mask.reset(); }; }},
      {"padding-ignored-in-one-row", "attention_mask is ignored in a batch of one", 25,
       "granitemoehybrid_one_padded_row", in_layer(0, 0, Site::in_proj),
       [](BrokenModel& m) { m.meddling.call_change = [](CallIndex, Call& call) { call.attention_mask.reset(); }; }},
      {"prefill-does-not-clamp", "prefill does not clamp the time step", 31, "granitemoehybrid_dense",
       in_layer(0, 0, Site::ssm_dt),
       [](BrokenModel& m) {
         auto& config = m.config<GraniteMoeHybridConfig>();
         config.time_step_limit_min = 0.0;
         config.time_step_limit_max = std::numeric_limits<double>::infinity();
       }},
      {"decode-clamps", "a decode step clamps the time step as prefill does", 31, "granitemoehybrid_dense",
       in_layer(1, 0, Site::ssm_dt),
       [](BrokenModel& m) {
         emit_instead(m, Site::ssm_dt, [](const Moment&, const Seen&, auto& dt) {
           for (double& step : dt) step = std::clamp(step, 0.15, 0.7);
         });
       }},
      {"conv-state-activated", "the kept window of the convolution holds values behind the activation", 32,
       "granitemoehybrid_cache", in_layer(0, 0, Site::conv_state),
       [](BrokenModel& m) {
         emit_instead(m, Site::conv_state, [](const Moment& moment, const Seen& seen, auto& state) {
           if (moment.call.value > 0) return;
           for (std::size_t i = 0; i < state.size(); ++i) {  // [2, 54, 4] from [2, 4, 54]
             const std::size_t b = i / (54 * 4), channel = i / 4 % 54, l = i % 4;
             state[i] = seen(Site::conv_out)[(b * 4 + l) * 54 + channel];
           }
         });
       }},
  };
}

}  // namespace assay::selftest
