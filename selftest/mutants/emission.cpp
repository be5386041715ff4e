// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <memory>
#include <vector>

#include "selftest/mutants/mutants.hpp"
#include "selftest/rewrite.hpp"

namespace assay::selftest {
namespace {

/// The site is shown so many times.
void emit_times(BrokenModel& m, const Moment& where, std::size_t times) {
  m.meddling.emissions = [=](const Moment& moment) -> std::size_t { return moment == where ? times : 1; };
}

/// The values of the site are shown in another shape: the first so many of them.
void emit_shaped(BrokenModel& m, const Moment& where, const Shape& shape) {
  m.meddling.before = [=](const Moment& moment, MutableSiteValue& value) {
    if (moment != where) return;
    std::visit([&](auto& values) { values = values.first(elements(shape)); }, value.values);
    value.shape = shape;
  };
}

/// The values of the site are shown in another type.
template <class T>
void emit_as(BrokenModel& m, const Moment& where) {
  m.meddling.before = [=, shown = std::make_shared<std::vector<T>>()](const Moment& moment, MutableSiteValue& value) {
    if (moment != where) return;
    shown->clear();
    std::visit(
        [&](auto values) {
          for (const auto number : values) shown->push_back(static_cast<T>(number));
        },
        value.values);
    value.values = std::span<T>(*shown);
  };
}

/// The site shows what another one had a moment before, and the engine goes on with that.
void emit_value_of(BrokenModel& m, const Moment& where, const Moment& stale) {
  m.meddling.before = [=, kept = std::make_shared<std::vector<double>>()](const Moment& moment,
                                                                          MutableSiteValue& value) {
    if (moment == stale) *kept = floats(value);
    if (moment == where) set_floats(value, *kept);
  };
}

std::vector<Mutant> missing_and_misshaped() {
  return {
      {"site-not-shown", "a site is not shown", no_trap, "granitemoeshared_prefill", in_layer(0, 1, Site::shared_act),
       [](BrokenModel& m) { emit_times(m, in_layer(0, 1, Site::shared_act), 0); }},
      {"state-not-shown", "the state of the scan is not shown in one call", no_trap, "granitemoehybrid_cache",
       in_layer(3, 0, Site::ssm_state), [](BrokenModel& m) { emit_times(m, in_layer(3, 0, Site::ssm_state), 0); }},
      {"site-shown-twice", "a site is shown twice", no_trap, "granitemoe_prefill", in_layer(0, 1, Site::attn_out),
       [](BrokenModel& m) { emit_times(m, in_layer(0, 1, Site::attn_out), 2); }},
      {"one-channel-too-few", "a site has one channel too few", no_trap, "phimoe_prefill",
       in_layer(0, 0, Site::mixer_out),
       [](BrokenModel& m) {
         emit_shaped(m, in_layer(0, 0, Site::mixer_out), {2, 5, 23});
       }},
      {"head-dim-ignored", "q_proj has hidden_size channels, as if there were no head_dim", 34, "granitemoe_gqa_tied",
       in_layer(0, 0, Site::q_proj),
       [](BrokenModel& m) {
         emit_shaped(m, in_layer(0, 0, Site::q_proj), {3, 4, 28});
       }},
      {"hook-replaces-a-value", "whoever watches ffn_norm_out hands back half of it", 38, "granitemoe_prefill",
       in_layer(0, 1, Site::router_logits),
       [](BrokenModel& m) {
         go_on_at(m, in_layer(0, 1, Site::ffn_norm_out), [](Matrix& x) {
           for (double& value : x.values) value *= 0.5;
         });
       }},
      {"axes-exchanged", "a site has its batch and token axes exchanged", no_trap, "granitemoe_prefill",
       in_layer(0, 0, Site::layer_out),
       [](BrokenModel& m) {
         emit_shaped(m, in_layer(0, 0, Site::layer_out), {6, 2, 24});
       }},
      {"axes-joined", "a site has its batch and token axes joined", no_trap, "phimoe_bias",
       in_layer(0, 1, Site::layer_out),
       [](BrokenModel& m) {
         emit_shaped(m, in_layer(0, 1, Site::layer_out), {12, 24});
       }},
      {"logits-of-the-last-token", "logits are shown of one token instead of all", no_trap, "granitemoehybrid_groups",
       in_model(0, Site::logits),
       [](BrokenModel& m) {
         emit_shaped(m, in_model(0, Site::logits), {2, 1, 31});
       }},
      {"experts-as-floats", "expert numbers are shown as floating point", no_trap, "granitemoe_prefill",
       in_layer(0, 0, Site::router_experts),
       [](BrokenModel& m) { emit_as<double>(m, in_layer(0, 0, Site::router_experts)); }},
      {"values-as-integers", "values are shown as integers", no_trap, "granitemoehybrid_cache",
       in_layer(0, 0, Site::conv_out),
       [](BrokenModel& m) { emit_as<std::int64_t>(m, in_layer(0, 0, Site::conv_out)); }},
      {"one-expert-too-few", "a token goes to one expert too few", no_trap, "granitemoe_prefill",
       in_layer(0, 0, Site::router_experts), [](BrokenModel& m) { m.common_config().num_experts_per_tok = 2; }},
      {"rope-though-nope", "RoPE, though position_embedding_type says none", 14, "granitemoehybrid_prefill",
       in_model(0, Site::rope_inv_freq),
       [](BrokenModel& m) { m.config<GraniteMoeHybridConfig>().position_embedding_type = "rope"; }},
      {"sliding-window-off-by-one", "sliding_window is one too large", 27, "phimoe_sliding_window",
       in_layer(0, 0, Site::attn_visible), [](BrokenModel& m) { m.config<PhimoeConfig>().sliding_window = 5; }},
  };
}

std::vector<Mutant> stale_buffers() {
  return {
      {"stale-buffer", "a site repeats the value of the layer before", no_trap, "granitemoeshared_prefill",
       in_layer(0, 1, Site::shared_act),
       [](BrokenModel& m) { emit_value_of(m, in_layer(0, 1, Site::shared_act), in_layer(0, 0, Site::shared_act)); }},
      {"stale-router-logits", "the router logits of a layer repeat those of the layer before", no_trap,
       "phimoe_prefill", in_layer(0, 1, Site::router_logits),
       [](BrokenModel& m) {
         emit_value_of(m, in_layer(0, 1, Site::router_logits), in_layer(0, 0, Site::router_logits));
       }},
      {"stale-logits", "the logits of a decode step are those of the step before", no_trap, "granitemoe_cache",
       in_model(2, Site::logits),
       [](BrokenModel& m) { emit_value_of(m, in_model(2, Site::logits), in_model(1, Site::logits)); }},
      {"keys-as-values", "v_proj repeats k_proj", no_trap, "granitemoehybrid_attention_only",
       in_layer(0, 0, Site::v_proj),
       [](BrokenModel& m) { emit_value_of(m, in_layer(0, 0, Site::v_proj), in_layer(0, 0, Site::k_proj)); }},
      {"residual-skipped", "the stream behind the mixer is the mixer's output alone", no_trap, "phimoe_prefill",
       in_layer(0, 2, Site::resid_mid),
       [](BrokenModel& m) { emit_value_of(m, in_layer(0, 2, Site::resid_mid), in_layer(0, 2, Site::mixer_out)); }},
      {"layer-skipped", "a layer hands on its input", no_trap, "granitemoe_prefill", in_layer(0, 1, Site::layer_out),
       [](BrokenModel& m) { emit_value_of(m, in_layer(0, 1, Site::layer_out), in_layer(0, 0, Site::layer_out)); }},
  };
}

}  // namespace

std::vector<Mutant> emission_mutants() {
  std::vector<Mutant> all = missing_and_misshaped();
  for (Mutant& mutant : stale_buffers()) all.push_back(std::move(mutant));
  return all;
}

}  // namespace assay::selftest
