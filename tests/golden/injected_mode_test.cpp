// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Injected mode: every site shows its own error alone, so a single wrong weight turns exactly the sites red that read
// it, and free mode everything behind it.
#include <gtest/gtest.h>

#include <algorithm>

#include "selftest/broken_model.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using golden::Mode;
using golden::Verdict;
using selftest::BrokenModel;

struct WrongWeight {
  std::string name;
  std::string golden;
  std::string weight;
  std::vector<std::string> red;

  friend void PrintTo(const WrongWeight& wrong, std::ostream* out) { *out << wrong.weight; }
};

class InjectedMode : public testing::TestWithParam<WrongWeight> {};

TEST_P(InjectedMode, ShowsExactlyTheSitesThatReadTheWrongWeight) {
  const GoldenFile golden(committed_golden(GetParam().golden));
  BrokenModel model(golden);
  for (double& value : model.weight(GetParam().weight)) value *= 1.01;
  for (const Precision precision : {Precision::f64, Precision::f32}) {
    const golden::CaseResult result = model.judged(precision, Mode::injected);
    EXPECT_EQ(sites_of(result, Verdict::fail), GetParam().red) << name(precision);
  }
  const golden::CaseResult free = model.judged(Precision::f64, Mode::free);
  EXPECT_EQ(divergence_of(free), GetParam().red.front());
  EXPECT_GT(sites_of(free, Verdict::fail).size() + (GetParam().red.back() == "call 0 logits" ? 1 : 0),
            GetParam().red.size());
}

INSTANTIATE_TEST_SUITE_P(
    Of, InjectedMode,
    testing::Values(
        WrongWeight{"QueryProjection",
                    "granitemoe_prefill",
                    "model.layers.1.self_attn.q_proj.weight",
                    {"call 0 layer 1 q_proj"}},
        WrongWeight{"OutputProjection",
                    "granitemoe_prefill",
                    "model.layers.0.self_attn.o_proj.weight",
                    {"call 0 layer 0 mixer_out"}},
        WrongWeight{"Router",
                    "granitemoe_prefill",
                    "model.layers.2.block_sparse_moe.router.layer.weight",
                    {"call 0 layer 2 router_logits"}},
        WrongWeight{"ExpertInput",
                    "granitemoe_prefill",
                    "model.layers.1.block_sparse_moe.input_linear.weight",
                    {"call 0 layer 1 expert_gate_up"}},
        WrongWeight{"ExpertOutput",
                    "granitemoe_prefill",
                    "model.layers.1.block_sparse_moe.output_linear.weight",
                    {"call 0 layer 1 expert_out"}},
        WrongWeight{"Norm",
                    "granitemoe_prefill",
                    "model.layers.1.post_attention_layernorm.weight",
                    {"call 0 layer 1 ffn_norm_out"}},
        WrongWeight{"SharedOutput",
                    "granitemoeshared_prefill",
                    "model.layers.1.shared_mlp.output_linear.weight",
                    {"call 0 layer 1 shared_mlp_out"}},
        WrongWeight{"Head", "granitemoe_prefill", "lm_head.weight", {"call 0 logits"}},
        WrongWeight{
            "PhimoeNormBias", "phimoe_bias", "model.layers.1.input_layernorm.bias", {"call 0 layer 1 attn_norm_out"}},
        WrongWeight{"PhimoeGate",
                    "phimoe_bias",
                    "model.layers.0.block_sparse_moe.gate.weight",
                    {"call 0 layer 0 router_logits"}},
        WrongWeight{"MambaInput",
                    "granitemoehybrid_prefill",
                    "model.layers.1.mamba.in_proj.weight",
                    {"call 0 layer 1 in_proj"}},
        WrongWeight{"MambaConvolution",
                    "granitemoehybrid_prefill",
                    "model.layers.1.mamba.conv1d.weight",
                    {"call 0 layer 1 conv_out"}},
        WrongWeight{
            "MambaStepBias", "granitemoehybrid_prefill", "model.layers.1.mamba.dt_bias", {"call 0 layer 1 ssm_dt"}},
        WrongWeight{"MambaSkip", "granitemoehybrid_prefill", "model.layers.1.mamba.D", {"call 0 layer 1 ssm_out"}},
        WrongWeight{"MambaNorm",
                    "granitemoehybrid_prefill",
                    "model.layers.1.mamba.norm.weight",
                    {"call 0 layer 1 gated_norm_out"}},
        WrongWeight{"CachedDecay",
                    "granitemoehybrid_dense",
                    "model.layers.0.mamba.A_log",
                    {"call 0 layer 0 ssm_out", "call 0 layer 0 ssm_state", "call 1 layer 0 ssm_out",
                     "call 1 layer 0 ssm_state", "call 2 layer 0 ssm_out", "call 2 layer 0 ssm_state"}}),
    [](const auto& of_weight) { return of_weight.param.name; });

}  // namespace
}  // namespace assay::test
