// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "selftest/mutants/mutants.hpp"
#include "selftest/rewrite.hpp"

namespace assay::selftest {
namespace {

constexpr int bf16_bits = 8;  // of the significand, the hidden one included
constexpr int f16_bits = 11;
constexpr int f32_bits = 24;

/// To the nearest number of so many bits, even where two are as near.
double rounded(double value, int bits) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  return std::ldexp(std::nearbyint(std::ldexp(fraction, bits)), exponent - bits);
}

/// Towards zero.
double truncated(double value, int bits) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  return std::ldexp(std::trunc(std::ldexp(fraction, bits)), exponent - bits);
}

/// The site goes through a smaller type, `narrow`.
Mutant through(std::string name, std::string wrong, std::string golden, const Moment& site,
               double (*narrow)(double, int), int bits, std::string reason = {}) {
  return {std::move(name),
          std::move(wrong),
          no_trap,
          std::move(golden),
          site,
          [=](BrokenModel& m) {
            emit_at(m, site, [=](Matrix& x) {
              for (double& value : x.values) value = narrow(value, bits);
            });
          },
          std::move(reason)};
}

/// One element of the site, somewhere in its middle, becomes `value`.
Mutant poisoned(std::string name, std::string wrong, std::string golden, const Moment& site, double value) {
  return {std::move(name), std::move(wrong), no_trap, std::move(golden), site, [=](BrokenModel& m) {
            emit_at(m, site, [=](Matrix& x) { x.values[x.values.size() / 2] = value; });
          }};
}

/// Of each row, 255 steps between minus and plus its largest weight.
void quantise_rows(std::vector<double>& weights, std::size_t columns) {
  for (std::size_t row = 0; row < weights.size(); row += columns) {
    double largest = 0.0;
    for (std::size_t i = row; i < row + columns; ++i) largest = std::max(largest, std::abs(weights[i]));
    const double step = largest / 127.0;
    for (std::size_t i = row; i < row + columns; ++i) weights[i] = std::nearbyint(weights[i] / step) * step;
  }
}

std::vector<Mutant> smaller_types() {
  return {
      through("bf16-truncated", "an activation is cut to bfloat16 instead of rounded", "granitemoe_prefill",
              in_layer(0, 1, Site::expert_act), truncated, bf16_bits),
      through("bf16-rounded", "an activation is rounded to bfloat16", "granitemoeshared_prefill",
              in_layer(0, 0, Site::shared_act), rounded, bf16_bits),
      through("f16-rounded", "an activation is rounded to float16", "phimoe_prefill",
              in_layer(0, 1, Site::expert_gate_up), rounded, f16_bits),
      through("scores-in-f16", "attention scores are rounded to float16", "granitemoehybrid_attention_only",
              in_layer(0, 0, Site::attn_scores), rounded, f16_bits),
      through("router-logits-in-bf16", "router logits are rounded to bfloat16", "phimoe_bias",
              in_layer(0, 0, Site::router_logits), rounded, bf16_bits),
      through("keys-kept-in-bf16", "kept keys are rounded to bfloat16", "granitemoe_cache",
              in_layer(0, 0, Site::cache_k), rounded, bf16_bits),
      through("ssm-state-kept-in-bf16", "the state of the scan is rounded to bfloat16", "granitemoehybrid_cache",
              in_layer(0, 0, Site::ssm_state), rounded, bf16_bits),
      through("logits-in-bf16", "logits are rounded to bfloat16", "granitemoehybrid_groups", in_model(0, Site::logits),
              rounded, bf16_bits),
      through("float32-in-float64", "one site of the float64 engine goes through float32", "granitemoehybrid_groups",
              in_layer(0, 0, Site::gated_norm_out), rounded, f32_bits,
              "a float32 engine stores float32 there: nothing is wrong with it"),
      {"weights-in-bf16", "the checkpoint is loaded as bfloat16", 36, "phimoe_no_bias", in_model(0, Site::embed_out),
       [](BrokenModel& m) {
         for (auto& [name, values] : m.weights()) {
           for (double& value : values) value = rounded(value, bf16_bits);
         }
       }},
      {"one-matrix-in-int8", "one matrix is quantised to 8 bits a weight, a scale a row", no_trap,
       "granitemoeshared_prefill", in_layer(0, 1, Site::shared_mlp_out),
       [](BrokenModel& m) { quantise_rows(m.weight("model.layers.1.shared_mlp.output_linear.weight"), 9); }},
  };
}

std::vector<Mutant> no_numbers() {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return {
      poisoned("nan-in-one-element", "one element is NaN", "granitemoe_prefill", in_layer(0, 1, Site::moe_out), nan),
      poisoned("nan-in-the-last-logits", "one logit is NaN", "phimoe_prefill", in_model(0, Site::logits), nan),
      poisoned("infinity-in-one-element", "one element is infinite", "granitemoehybrid_cache",
               in_layer(0, 0, Site::ssm_out), infinity),
      poisoned("minus-infinity-in-a-state", "one element of a kept state is minus infinity", "granitemoehybrid_dense",
               in_layer(0, 0, Site::ssm_state), -infinity),
      {"nan-in-padding", "what belongs to a padded token is NaN", no_trap, "granitemoe_left_pad",
       in_model(0, Site::logits),
       [](BrokenModel& m) { emit_at(m, in_model(0, Site::logits), [](Matrix& x) { x(0, 0) = std::nan(""); }); }},
      {"all-zero", "a site is all zero", no_trap, "granitemoeshared_prefill", in_layer(0, 1, Site::moe_out),
       [](BrokenModel& m) {
         emit_at(m, in_layer(0, 1, Site::moe_out), [](Matrix& x) { std::ranges::fill(x.values, 0.0); });
       }},
      {"all-zero-logits", "the logits are all zero", no_trap, "phimoe_bias", in_model(0, Site::logits),
       [](BrokenModel& m) {
         emit_at(m, in_model(0, Site::logits), [](Matrix& x) { std::ranges::fill(x.values, 0.0); });
       }},
  };
}

}  // namespace

std::vector<Mutant> number_mutants() {
  std::vector<Mutant> all = smaller_types();
  for (Mutant& mutant : no_numbers()) all.push_back(std::move(mutant));
  return all;
}

}  // namespace assay::selftest
