// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What stands behind the final norm where it is not a language head.
#include "reference/blocks/heads.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/reference/small_model_fixture.hpp"
#include "tests/support/config_text.hpp"

namespace assay::test {
namespace {

class BareModel : public SmallModelTest {};

std::vector<SmallModel> bare_models() {
  std::vector<SmallModel> models = models_of_other_heads();
  std::erase_if(models, [](const SmallModel& model) { return !model.name.ends_with("_bare"); });
  return models;
}

INSTANTIATE_TEST_SUITE_P(Reference, BareModel,
                         testing::Combine(testing::ValuesIn(bare_models()),
                                          testing::Values(Precision::f32, Precision::f64)),
                         name_of);

TEST_P(BareModel, ReturnsTheFinalNormOfTheModelWithAHead) {
  const OwnedCall call{.input_ids = {{3, 91, 40}, {72, 5, 33}}};
  const Config with_head =
      parse_config(with(model().config_text, R"("architectures": ["SomeForCausalLM"])"), "config.json");
  const MadeUpWeights made_up(with_head);
  const Weights weights = made_up.weights();
  Recorder shown;
  (void)run(*reference::make_engine(with_head, weights, precision()), call, Probe(&shown));
  EXPECT_EQ(run(*engine(), call), shown.at(Site::final_norm_out).values);
}

/// PhimoeForSequenceClassification with some config members, in float64.
class Classification {
 public:
  explicit Classification(std::string_view members)
      : config_(
            parse_config(with(with(phimoe_text(), R"("architectures": ["PhimoeForSequenceClassification"])"), members),
                         "config.json")),
        made_up_(config_),
        weights_(made_up_.weights()),
        engine_(reference::make_engine(config_, weights_, Precision::f64)) {}

  /// Runs the call; what it shows stays.
  std::vector<double> operator()(const OwnedCall& call) {
    shown_ = Recorder();
    return run(*engine_, call, Probe(&shown_));
  }
  [[nodiscard]] double loss() const { return shown_.at(Site::loss).values.at(0); }
  [[nodiscard]] const std::vector<double>& shown(Site site) const { return shown_.at(site).values; }
  [[nodiscard]] const std::vector<float>& weight(const std::string& name) const { return made_up_.values(name); }

 private:
  Config config_;
  MadeUpWeights made_up_;
  Weights weights_;
  std::unique_ptr<Engine> engine_;
  Recorder shown_;
};

const Rows padded{{3, 91, 0}, {72, 5, 33}};

TEST(ClassificationHead, ScoresTheFinalNormAndPoolsTheLastRealToken) {
  Classification classify(R"("pad_token_id": 0, "num_labels": 3)");
  const std::vector<double> logits = classify({.input_ids = padded});
  ASSERT_EQ(logits.size(), 6U);
  const std::vector<float>& score = classify.weight("score.weight");
  const std::vector<double>& hidden = classify.shown(Site::final_norm_out);
  for (std::size_t b = 0; b < 2; ++b) {
    const std::size_t token = b == 0 ? 1 : 5;
    for (std::size_t label = 0; label < 3; ++label) {
      double sum = 0;
      for (std::size_t i = 0; i < 48; ++i) sum += hidden[token * 48 + i] * static_cast<double>(score[label * 48 + i]);
      EXPECT_NEAR(logits[b * 3 + label], sum, 1e-12);
      EXPECT_EQ(logits[b * 3 + label], classify.shown(Site::score_out)[token * 3 + label]);
    }
  }
}

TEST(ClassificationHead, HasCrossEntropyOfClasses) {
  Classification classify(R"("pad_token_id": 0, "num_labels": 2)");
  const std::vector<double> logits = classify({.input_ids = padded, .labels = {{1}, {0}}});
  const double first = std::log1p(std::exp(logits[0] - logits[1]));
  const double second = std::log1p(std::exp(logits[3] - logits[2]));
  EXPECT_NEAR(classify.loss(), (first + second) / 2, 1e-12);
  (void)classify({.input_ids = padded, .labels = {{-100}, {0}}});
  EXPECT_NEAR(classify.loss(), second, 1e-12) << "a class of -100 does not count";
}

TEST(ClassificationHead, HasTheSquaredErrorOfOneLabelOrOfARegression) {
  Classification one(R"("pad_token_id": 0, "num_labels": 1)");
  const std::vector<double> value = one({.input_ids = padded, .float_labels = {{0.5F}, {-2.0F}}});
  EXPECT_NEAR(one.loss(), (std::pow(value[0] - 0.5, 2) + std::pow(value[1] + 2, 2)) / 2, 1e-12);
  Classification two(R"("pad_token_id": 0, "num_labels": 2, "problem_type": "regression")");
  const std::vector<double> values = two({.input_ids = {{3, 91}}, .float_labels = {{0.5F, -2.0F}}});
  EXPECT_NEAR(two.loss(), (std::pow(values[0] - 0.5, 2) + std::pow(values[1] + 2, 2)) / 2, 1e-12);
}

TEST(ClassificationHead, HasBinaryCrossEntropyOfSeveralLabelsAtOnce) {
  for (const char* const type : {"null", "\"multi_label_classification\""}) {
    Classification classify(std::string(R"("pad_token_id": 0, "num_labels": 2, "problem_type": )") + type);
    const std::vector<double> logits = classify({.input_ids = {{3, 91}}, .float_labels = {{1.0F, 0.0F}}});
    EXPECT_NEAR(classify.loss(), (std::log1p(std::exp(-logits[0])) + std::log1p(std::exp(logits[1]))) / 2, 1e-12);
  }
}

TEST(ClassificationHead, AnswersWithoutAPadIdForOneRow) {
  Classification classify(R"("num_labels": 2)");
  const std::vector<double> logits = classify({.input_ids = {{3, 91, 0}}});
  const std::vector<double>& scores = classify.shown(Site::score_out);
  EXPECT_EQ(logits, std::vector<double>(scores.end() - 2, scores.end()));
}

}  // namespace
}  // namespace assay::test
