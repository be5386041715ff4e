// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which head a config has, and what a classification takes from it.
#include "model/config/head.hpp"

#include <gtest/gtest.h>

#include "model/config/config.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"

namespace assay::test {
namespace {

TransformerConfig config_of(const std::string& text) { return common(parse_config(text, "config.json")); }

TransformerConfig phimoe_with(std::string_view members) { return config_of(with(phimoe_text(), members)); }

std::string refusal_of(std::string_view members) {
  return error_of([&] { (void)phimoe_with(members); });
}

TEST(HeadOf, IsALanguageHeadUnlessTheConfigNamesAnotherClass) {
  EXPECT_EQ(config_of(phimoe_text()).head, Head::causal_lm);
  EXPECT_EQ(phimoe_with(R"("architectures": null)").head, Head::causal_lm);
  EXPECT_EQ(phimoe_with(R"("architectures": [])").head, Head::causal_lm);
  EXPECT_EQ(phimoe_with(R"("architectures": ["PhiMoEForCausalLM"])").head, Head::causal_lm) << "as it is published";
}

TEST(HeadOf, ABareModelIsNone) {
  EXPECT_EQ(config_of(with(granite_moe_text(), R"("architectures": ["GraniteMoeModel"])")).head, Head::none);
  EXPECT_EQ(config_of(with(granite_moe_shared_text(), R"("architectures": ["GraniteMoeSharedModel"])")).head,
            Head::none);
  EXPECT_EQ(config_of(with(granite_moe_hybrid_text(), R"("architectures": ["GraniteMoeHybridModel"])")).head,
            Head::none);
  EXPECT_EQ(phimoe_with(R"("architectures": ["PhimoeModel", "PhimoeForCausalLM"])").head, Head::none)
      << "the first one counts";
}

TEST(HeadOf, AClassificationIsOfPhimoeAlone) {
  EXPECT_EQ(phimoe_with(R"("architectures": ["PhimoeForSequenceClassification"])").head, Head::sequence_classification);
  EXPECT_EQ(error_of([] {
              (void)config_of(with(granite_moe_text(), R"("architectures": ["PhimoeForSequenceClassification"])"));
            }),
            "config.json: architectures: expected a class of this model_type, found a list of 1");
}

TEST(HeadOf, AnythingElseIsRefused) {
  const std::string known =
      "config.json: architectures: expected a ForCausalLM, a Model or "
      "PhimoeForSequenceClassification, found ";
  EXPECT_EQ(refusal_of(R"("architectures": ["PhimoeForTokenClassification"])"),
            known + R"("PhimoeForTokenClassification" (a string))");
  EXPECT_EQ(refusal_of(R"("architectures": ["MixtralModel"])"), known + R"("MixtralModel" (a string))");
  EXPECT_EQ(refusal_of(R"("architectures": "PhimoeModel")"),
            R"(config.json: architectures: expected a list of names or null, found "PhimoeModel" (a string))");
  EXPECT_EQ(refusal_of(R"("architectures": [7])"),
            "config.json: architectures: expected a list of names, found a list with 7 (an integer)");
}

TEST(HeadOf, HasANameThatItsClassEndsWith) {
  EXPECT_EQ(name(Head::causal_lm), "ForCausalLM");
  EXPECT_EQ(name(Head::none), "Model");
  EXPECT_EQ(name(Head::sequence_classification), "ForSequenceClassification");
}

// transformers 5.23.0: AutoConfig.from_pretrained(...).num_labels of the same members.
TEST(NumLabels, AreTwoOrThoseGivenOrThoseNamed) {
  EXPECT_EQ(config_of(phimoe_text()).num_labels, 2U);
  EXPECT_EQ(phimoe_with(R"("num_labels": 5)").num_labels, 5U);
  EXPECT_EQ(phimoe_with(R"("id2label": {"0": "a", "1": "b", "2": "c"})").num_labels, 3U);
  EXPECT_EQ(phimoe_with(R"("id2label": {"0": "a", "5": "b"})").num_labels, 2U);
  EXPECT_EQ(phimoe_with(R"("id2label": {"1": "a", "01": "b"})").num_labels, 1U);
  EXPECT_EQ(phimoe_with(R"("id2label": {"0": "a", "1": "b", "2": "c"}, "num_labels": 5)").num_labels, 5U);
  EXPECT_EQ(phimoe_with(R"("id2label": null, "num_labels": 4)").num_labels, 4U);
}

TEST(NumLabels, AreRefusedWhereTransformersFails) {
  EXPECT_EQ(refusal_of(R"("num_labels": null)"),
            "config.json: num_labels: expected an integer from 1 to 2147483647, found null");
  EXPECT_EQ(refusal_of(R"("num_labels": 0)"),
            "config.json: num_labels: expected an integer from 1 to 2147483647, found 0 (an integer)");
  EXPECT_EQ(refusal_of(R"("id2label": {"a": "b"})"),
            R"(config.json: id2label: expected an integer for each name, found "a")");
  EXPECT_EQ(refusal_of(R"("id2label": {})"), "config.json: id2label: expected an object with names, found an object");
  EXPECT_EQ(refusal_of(R"("id2label": ["a"])"),
            "config.json: id2label: expected an object with names, found a list of 1");
}

TEST(ProblemTypeOf, IsReadByItsName) {
  EXPECT_EQ(config_of(phimoe_text()).problem_type, std::nullopt);
  EXPECT_EQ(phimoe_with(R"("problem_type": null)").problem_type, std::nullopt);
  for (const ProblemType type :
       {ProblemType::regression, ProblemType::single_label_classification, ProblemType::multi_label_classification}) {
    EXPECT_EQ(phimoe_with("\"problem_type\": \"" + std::string(name(type)) + "\"").problem_type, type);
    EXPECT_EQ(problem_type_from_name(name(type)), type);
  }
  EXPECT_EQ(problem_type_from_name("ranking"), std::nullopt);
}

TEST(ProblemTypeOf, IsRefusedWhereThereIsNoSuchLoss) {
  EXPECT_EQ(refusal_of(R"("problem_type": "ranking")"),
            "config.json: problem_type: expected regression, single_label_classification, multi_label_classification "
            R"(or null, found "ranking" (a string))");
  EXPECT_EQ(refusal_of(R"("problem_type": 3)"),
            "config.json: problem_type: expected a string or null, found 3 (an integer)");
}

TEST(ProblemTypeOf, ClassesNeedMoreThanOne) {
  const std::string single =
      "config.json: problem_type: expected another type for a single label, found "
      R"("single_label_classification" (a string))";
  EXPECT_EQ(refusal_of(R"("problem_type": "single_label_classification", "num_labels": 1)"), single);
  EXPECT_EQ(refusal_of(R"("problem_type": "single_label_classification", "id2label": {"0": "a"})"), single);
}

}  // namespace
}  // namespace assay::test
