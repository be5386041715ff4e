// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the optimized engine gives where a model has another head than that of a language model, or none.
#include <cmath>

#include "tests/optimized/small_engine.hpp"
#include "tests/support/config_text.hpp"

namespace assay::test {
namespace {

using OptimizedHeads = SmallEngineTest;

INSTANTIATE_TEST_SUITE_P(Of, OptimizedHeads, testing::ValuesIn(models_of_other_heads()), name_of);

TEST_P(OptimizedHeads, GiveWhatTheReferenceGives) {
  const std::unique_ptr<Engine> used = engine({.threads = 2, .poison = optimized::Poison::yes});
  const std::unique_ptr<Engine> expected = oracle();
  for (const OwnedCall& call : {OwnedCall{.input_ids = {{3, 91, 40, 17, 0}}, .use_cache = true},
                                OwnedCall{.input_ids = {{5}}, .use_cache = true, .continues = true}}) {
    expect_close(run(*used, call), run(*expected, call), tolerance);
  }
}

TEST_P(OptimizedHeads, GiveTheSameBitsWhoeverLooksOnAnyNumberOfThreads) {
  const OwnedCall call{.input_ids = {{3, 91, 40, 17, 0, 8, 9}}};
  const std::vector<double> expected = run(*engine(), call);
  Recorder recorder;
  EXPECT_EQ(run(*engine(), call, Probe(&recorder)), expected);
  for (const std::size_t threads : {2U, 3U, 7U}) EXPECT_EQ(run(*engine({.threads = threads}), call), expected);
}

TEST_P(OptimizedHeads, OfABareModelIsTheFinalNorm) {
  if (common(config()).head != Head::none) return;
  const OwnedCall call{.input_ids = {{3, 91, 40}, {72, 5, 33}}};
  Recorder shown;
  const std::vector<double> output = run(*engine(), call, Probe(&shown));
  EXPECT_EQ(output, shown.at(Site::final_norm_out).values);
  EXPECT_EQ(shown.seen().back().point.site, Site::final_norm_out);
}

/// PhimoeForSequenceClassification with some config members.
class Classification {
 public:
  explicit Classification(std::string_view members)
      : config_(
            parse_config(with(with(phimoe_text(), R"("architectures": ["PhimoeForSequenceClassification"])"), members),
                         "config.json")),
        made_up_(config_),
        weights_(made_up_.weights()),
        engine_(optimized::make_engine(config_, weights_, {})),
        oracle_(reference::make_engine(config_, weights_, Precision::f64)) {}

  /// Compares what the call returns, its scores and its loss, if it has one, with the reference's.
  void expect_as_reference(const OwnedCall& call) {
    Recorder actual;
    Recorder expected;
    const std::vector<double> pooled = run(*engine_, call, Probe(&actual));
    expect_close(pooled, run(*oracle_, call, Probe(&expected)), tolerance);
    EXPECT_EQ(actual.at(Site::pooled_logits).values, pooled);
    expect_close(actual.at(Site::score_out).values, expected.at(Site::score_out).values, tolerance);
    if (call.labels.empty() && call.float_labels.empty()) return;
    const double loss = expected.at(Site::loss).values.at(0);
    EXPECT_NEAR(actual.at(Site::loss).values.at(0), loss, tolerance * std::abs(loss));
  }

 private:
  Config config_;
  MadeUpWeights made_up_;
  Weights weights_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Engine> oracle_;
};

const Rows padded{{3, 91, 0, 0}, {0, 0, 72, 5}, {0, 0, 0, 0}};

TEST(OptimizedClassification, PoolsTheLastTokenThatIsNoPadding) {
  Classification(R"("pad_token_id": 0, "num_labels": 3)").expect_as_reference({.input_ids = padded});
  Classification(R"("num_labels": 3)").expect_as_reference({.input_ids = {{3, 91, 0, 0}}});
}

TEST(OptimizedClassification, PoolsTheLastOfEmbeddings) {
  Tensor<float, 3> embeddings({2, 3, 48});
  for (std::size_t i = 0; i < embeddings.view().elements(); ++i) {
    embeddings.view().flat()[i] = static_cast<float>(i * i % 17) * 0.1F - 0.8F;
  }
  Classification(R"("pad_token_id": 0, "num_labels": 3)").expect_as_reference({.inputs_embeds = embeddings});
}

TEST(OptimizedClassification, HasTheLossOfItsLabels) {
  Classification(R"("pad_token_id": 0, "num_labels": 3)")
      .expect_as_reference({.input_ids = padded, .labels = {{2}, {-100}, {0}}});
  Classification(R"("pad_token_id": 0, "num_labels": 1)")
      .expect_as_reference({.input_ids = padded, .float_labels = {{0.5F}, {-2.0F}, {1.0F}}});
  Classification(R"("pad_token_id": 0, "num_labels": 2)")
      .expect_as_reference({.input_ids = padded, .float_labels = {{0, 1}, {1, 1}, {0, 0.25F}}});
  Classification(R"("pad_token_id": 0, "num_labels": 2, "problem_type": "regression")")
      .expect_as_reference({.input_ids = padded, .float_labels = {{0, 1}, {1, 1}, {0, 0.25F}}});
}

}  // namespace
}  // namespace assay::test
