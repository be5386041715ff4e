// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The outputs that a caller asks for are what the sites say, and asking for them changes nothing else.
#include <gtest/gtest.h>

#include <cmath>

#include "reference/ops/load_balancing.hpp"
#include "tests/reference/small_model_fixture.hpp"

namespace assay::test {
namespace {

const Rows short_rows{{3, 91, 40, 3}, {72, 5, 33, 12}};

class Outputs : public SmallModelTest {
 protected:
  [[nodiscard]] Recorder shown_by(const OwnedCall& call) const {
    Recorder recorder;
    (void)run(*engine(), call, Probe(&recorder));
    return recorder;
  }
  [[nodiscard]] std::size_t layers() const { return common(config()).num_hidden_layers; }
  [[nodiscard]] double epsilon() const { return precision() == Precision::f64 ? 1e-14 : 1e-6; }
};

INSTANTIATE_TEST_SUITE_P(Reference, Outputs,
                         testing::Combine(testing::ValuesIn(small_models()),
                                          testing::Values(Precision::f32, Precision::f64)),
                         name_of);

void append(std::vector<double>& all, const std::vector<double>& values) {
  all.insert(all.end(), values.begin(), values.end());
}

TEST_P(Outputs, HiddenStatesAreTheInputsOfTheLayersAndTheFinalNorm) {
  const Recorder shown = shown_by({.input_ids = short_rows, .output_hidden_states = true});
  std::vector<double> expected = shown.at(Site::embed_out).values;
  for (std::size_t layer = 0; layer + 1 < layers(); ++layer) {
    append(expected, shown.at(Site::layer_out, LayerIndex{layer}).values);
  }
  append(expected, shown.at(Site::final_norm_out).values);
  EXPECT_EQ(shown.at(Site::hidden_states).values, expected);
}

TEST_P(Outputs, AttentionsAreTheProbabilitiesOfTheAttentionLayers) {
  const Recorder shown = shown_by({.input_ids = short_rows, .output_attentions = true});
  std::vector<double> expected;
  for (const Seen& seen : shown.seen()) {
    if (seen.point.site == Site::attn_probs) append(expected, seen.values);
  }
  EXPECT_EQ(shown.at(Site::attentions).values, expected);
}

TEST_P(Outputs, LogitsOfPositionsAreThoseOfAllLogits) {
  const OwnedCall whole{.input_ids = short_rows};
  const std::vector<double> logits = run(*engine(), whole);
  const OwnedCall some{.input_ids = short_rows, .logits_positions = {2, -1, 0, 2, -4}};
  std::vector<double> expected;
  for (const std::size_t row : {0U, 1U}) {
    for (const std::size_t token : {2U, 3U, 0U, 2U, 0U}) append(expected, tokens_of(logits, whole, row, token, 1));
  }
  EXPECT_EQ(run(*engine(), some), expected);
}

TEST_P(Outputs, TheLossIsThatOfTheNextTokens) {
  const Recorder shown = shown_by({.input_ids = short_rows, .labels = {{0, 91, -100, 3}, {-100, 5, 33, -100}}});
  const std::vector<double>& logits = shown.at(Site::logits).values;
  const auto surprise = [&](std::size_t row, std::size_t token, std::size_t target) {
    const double* const scores = logits.data() + (row * 4 + token) * 97;
    double sum = 0;
    for (std::size_t i = 0; i < 97; ++i) sum += std::exp(scores[i]);
    return std::log(sum) - scores[target];
  };
  const double sum = surprise(0, 0, 91) + surprise(0, 2, 3) + surprise(1, 0, 5) + surprise(1, 1, 33);
  EXPECT_NEAR(shown.at(Site::loss).values.at(0), sum / 4, epsilon() * sum);
  const Recorder summed =
      shown_by({.input_ids = short_rows, .labels = {{0, 91, -100, 3}, {-100, 5, 33, -100}}, .num_items_in_batch = 7});
  EXPECT_NEAR(summed.at(Site::loss).values.at(0), sum / 7, epsilon() * sum);
}

TEST_P(Outputs, TheAuxiliaryLossIsThatOfTheRouterLogitsAndIsAddedToTheLoss) {
  const TransformerConfig& fields = common(config());
  if (fields.num_local_experts == 0) return;
  const Rows mask{{0, 1, 1, 1}, {1, 1, 1, 1}};
  for (const Rows& given : {Rows{}, mask}) {
    const OwnedCall call{
        .input_ids = short_rows, .attention_mask = given, .labels = short_rows, .output_router_logits = true};
    const Recorder shown = shown_by(call);
    std::vector<Tensor<double, 2>> router_logits;
    for (std::size_t layer = 0; layer < layers(); ++layer) {
      const std::vector<double>& values = shown.at(Site::router_logits, LayerIndex{layer}).values;
      router_logits.emplace_back(std::array<std::size_t, 2>{8, 9});
      std::ranges::copy(values, router_logits.back().view().flat().begin());
    }
    std::vector<std::int64_t> flat_mask;
    for (const auto& row : given) flat_mask.insert(flat_mask.end(), row.begin(), row.end());
    // Four experts a token, also in PhiMoE, whose router takes two.
    const double aux_loss = reference::load_balancing_loss<double>(router_logits, 4, flat_mask);
    EXPECT_NEAR(shown.at(Site::aux_loss).values.at(0), aux_loss, epsilon() * aux_loss);
    OwnedCall without = call;
    without.output_router_logits = false;
    const double loss = shown_by(without).at(Site::loss).values.at(0);
    EXPECT_NEAR(shown.at(Site::loss).values.at(0), loss + 0.001 * aux_loss, epsilon() * loss);
  }
}

TEST_P(Outputs, ChangeNoOtherBit) {
  const OwnedCall all{.input_ids = short_rows,
                      .labels = short_rows,
                      .output_hidden_states = true,
                      .output_attentions = true,
                      .output_router_logits = common(config()).num_local_experts > 0};
  EXPECT_EQ(run(*engine(), all), run(*engine(), {.input_ids = short_rows}));
}

}  // namespace
}  // namespace assay::test
