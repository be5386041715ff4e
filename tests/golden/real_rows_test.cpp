// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Rows of padding can be left out: an engine may have anything there, and nothing anywhere else.
#include "golden/judge/real_rows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "golden/judge/examiner.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/whole_api_golden.hpp"

namespace assay::test {
namespace {

using golden::CaseResult;
using golden::GoldenFile;
using golden::Mode;
using golden::Rows;
using golden::Verdict;
using Integers = std::vector<std::int64_t>;

constexpr auto in_layer = [](Site site) { return ProbePoint{site, LayerIndex{1}}; };

/// Calls of [2, 6] and [2, 1] tokens, the first `pads` tokens of the second row padding.
class PaddedRows : public testing::Test {
 protected:
  PaddedRows() {
    const auto& mask = *golden.calls()[0].attention_mask;
    for (std::size_t row = 0; row < 2; ++row) {
      for (std::size_t token = 0; token < 6; ++token) {
        if (mask(row, token) == 0) pads.push_back(row * 6 + token);
      }
    }
  }

  /// The verdict where the element at `index` of the site in that call is wrong.
  CaseResult with_wrong(std::size_t call, const ProbePoint& point, std::size_t index, Rows rows,
                        Precision precision = Precision::f32) {
    ReplayEngine engine(golden, precision,
                        {.before =
                             [=](const Moment& moment, MutableSiteValue& value) {
                               if (moment.call != CallIndex{call} || moment.point != point) return;
                               const double was = floats(value)[index];
                               set_float(value, index, point.site == Site::attn_visible ? 1.0 - was : was + 3.0);
                             },
                         .after = {}});
    return judged(golden, engine, Mode::free, {}, rows);
  }

  GoldenFile golden{committed_golden("granitemoe_left_pad")};
  std::vector<std::size_t> pads;  // flattened
};

TEST_F(PaddedRows, AreJudgedUnlessTheyAreLeftOut) {
  ASSERT_FALSE(pads.empty());
  const std::size_t pad = pads.back();
  const std::size_t row = pad / 6;
  const std::size_t token = pad % 6;
  const std::vector<std::pair<ProbePoint, std::size_t>> wrong{
      {{Site::embed_out, std::nullopt}, pad * 24 + 5},
      {in_layer(Site::q_proj), pad * 24 + 23},
      {in_layer(Site::k_rope), (row * 6 + token) * 6 + 2},
      {in_layer(Site::attn_visible), pad * 6 + 1},
      {in_layer(Site::attn_probs), ((row * 4 + 3) * 6 + token) * 6 + 1},
      {in_layer(Site::router_logits), pad * 8 + 7},
      {in_layer(Site::router_experts), pad * 3 + 1},
      {in_layer(Site::router_weights), pad * 3 + 1},
      {in_layer(Site::expert_out), (pad * 3 + 2) * 24},
      {in_layer(Site::cache_k), pad * 6},
      {{Site::logits, std::nullopt}, pad * 31 + 30},
  };
  for (const auto& [point, index] : wrong) {
    for (const Precision precision : {Precision::f32, Precision::f64}) {
      EXPECT_EQ(with_wrong(0, point, index, Rows::all, precision).verdict, Verdict::fail) << to_string(point);
      const CaseResult real = with_wrong(0, point, index, Rows::real, precision);
      EXPECT_EQ(real.verdict, Verdict::pass) << to_string(point) << ": " << divergence_of(real);
      EXPECT_EQ(real.rows, Rows::real);
    }
  }
}

TEST_F(PaddedRows, TheirKeysStayInTheCache) {
  // Keys of the call before are at the same places, one further apart.
  const std::size_t pad = pads.back();
  const std::size_t index = (pad / 6 * 7 + pad % 6) * 6;
  EXPECT_EQ(with_wrong(1, in_layer(Site::cache_v), index, Rows::all).verdict, Verdict::fail);
  EXPECT_EQ(with_wrong(1, in_layer(Site::cache_v), index, Rows::real).verdict, Verdict::pass);
  EXPECT_EQ(with_wrong(1, in_layer(Site::cache_v), (pad / 6 * 7 + 6) * 6, Rows::real).verdict, Verdict::fail);
}

TEST_F(PaddedRows, ARealRowStaysAtItsPlace) {
  const CaseResult result = with_wrong(0, in_layer(Site::q_proj), (1 * 6 + 5) * 24 + 7, Rows::real);
  EXPECT_EQ(divergence_of(result), "call 0 layer 1 q_proj");
  const golden::Metrics& metrics = result.first_divergence->site.metrics;
  EXPECT_EQ(metrics.worst_index, (Shape{1, 5, 7}));
  EXPECT_EQ(metrics.elements, (12 - pads.size()) * 24);
  EXPECT_EQ(metrics.differing, 1U);
}

TEST_F(PaddedRows, ARouteOfPaddingIsNeitherWrongNorATie) {
  const std::size_t pad = pads.back();
  ReplayEngine engine(golden, Precision::f32,
                      {.before =
                           [=](const Moment& moment, MutableSiteValue& value) {
                             if (!moment.is(Site::router_experts) || moment.call != CallIndex{0}) return;
                             for (std::size_t i = pad * 3; i < pad * 3 + 3; ++i) experts_of(value)[i] = 99;
                           },
                       .after = {}});
  const CaseResult result = judged(golden, engine, Mode::free, {}, Rows::real);
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_EQ(result.tied_tokens, 0U);
}

TEST_F(PaddedRows, ANanOfPaddingIsNobodysBusiness) {
  ReplayEngine engine(golden, Precision::f32,
                      {.before =
                           [this](const Moment& moment, MutableSiteValue& value) {
                             if (!moment.is(Site::layer_out) || moment.call != CallIndex{0}) return;
                             for (const std::size_t pad : pads) set_float(value, pad * 24, std::nan(""));
                           },
                       .after = {}});
  EXPECT_EQ(judged(golden, engine, Mode::free, {}, Rows::all).verdict, Verdict::fail);
  EXPECT_EQ(judged(golden, engine, Mode::free, {}, Rows::real).verdict, Verdict::pass);
  EXPECT_EQ(judged(golden, engine, Mode::injected, {}, Rows::real).verdict, Verdict::pass);
}

/// Keeps the values of one site.
class Keeper : public golden::JudgeListener {
 public:
  void judged(const golden::SiteResult& result, const Shape&, std::span<const double> values) override {
    if (result.site == Site::final_norm_out && result.call == CallIndex{0}) kept.assign(values.begin(), values.end());
  }
  std::vector<double> kept;
};

TEST_F(PaddedRows, AreTheGoldensOwnForWhoeverListens) {
  Keeper keeper;
  golden::ExamOptions options;
  options.precision = Precision::f64;
  options.rows = Rows::real;
  options.listener = &keeper;
  ReplayEngine engine(golden, Precision::f64,
                      {.before =
                           [](const Moment& moment, MutableSiteValue& value) {
                             if (!moment.is(Site::final_norm_out)) return;
                             set_floats(value, std::vector<double>(floats(value).size(), 7.0));
                           },
                       .after = {}});
  (void)golden::examine(golden, engine, options, "", {});
  const auto expected = golden.values(CallIndex{0}, golden::Values::truth, {Site::final_norm_out, std::nullopt});
  ASSERT_EQ(keeper.kept.size(), expected.size());
  EXPECT_EQ(keeper.kept[pads.back() * 24], expected[pads.back() * 24]);
  EXPECT_EQ(keeper.kept.back(), 7.0);
}

TEST(RealRows, OfNothingButPaddingAreVacuous) {
  GoldenCopy copy("granitemoe_left_pad");
  copy.numbers("/calls/000/inputs/attention_mask", {2, 6}, Integers(12, 0));
  copy.numbers("/calls/001/inputs/attention_mask", {2, 7}, Integers(14, 0));
  const GoldenFile golden(copy.path());
  ReplayEngine engine(golden, Precision::f32);
  const CaseResult result = judged(golden, engine, Mode::free, {.sites = "logits,router_*,attn_*,cache_*"}, Rows::real);
  EXPECT_EQ(result.verdict, Verdict::vacuous);
  for (const golden::SiteResult& site : result.sites) {
    EXPECT_EQ(site.verdict, Verdict::vacuous);
    EXPECT_EQ(site.note, "every row of it is padding");
  }
  EXPECT_EQ(judged(golden, engine, Mode::free, {}, Rows::all).verdict, Verdict::pass);
}

TEST(RealRows, OfAMaskThatEndsEarlyArePaddingBehindIt) {
  GoldenCopy copy("granitemoe_left_pad");
  copy.numbers("/calls/001/inputs/attention_mask", {2, 6}, Integers(12, 1));
  const GoldenFile golden(copy.path());
  const golden::RealRows rows(golden, Rows::real);
  EXPECT_EQ(rows.tokens(CallIndex{1}), 0U);
  EXPECT_FALSE(rows.is_real(CallIndex{1}, 0));
}

TEST(RealRows, OfACallWithoutAMaskAreAll) {
  const GoldenFile golden(committed_golden("granitemoe_prefill"));
  const golden::RealRows rows(golden, Rows::real);
  for (const PlannedSite& site : golden.calls()[0].sites) EXPECT_FALSE(rows.places(CallIndex{0}, site));
}

/// The second call has one row of three tokens, the first of them padding; logits of the last and of the first.
class RowsOfOutputs : public testing::Test {
 protected:
  golden::Places places(Site site, const Shape& shape, std::size_t call = 1) {
    const GoldenFile golden(copy.path());
    return golden::RealRows(golden, Rows::real).places(CallIndex{call}, {{site, std::nullopt}, shape});
  }

  WholeApiGolden copy;
};

TEST_F(RowsOfOutputs, LogitsAreThoseOfTheTokensThatWereKept) {
  EXPECT_EQ(places(Site::logits, {1, 2, 3}), (std::vector<std::size_t>{0, 1, 2}));
}

TEST_F(RowsOfOutputs, HiddenStatesAndAttentionsHaveALayerInFront) {
  EXPECT_EQ(places(Site::hidden_states, {2, 1, 3, 1}), (std::vector<std::size_t>{1, 2, 4, 5}));
  EXPECT_EQ(places(Site::attentions, {1, 1, 2, 3, 1}), (std::vector<std::size_t>{1, 2, 4, 5}));
}

TEST_F(RowsOfOutputs, ALossIsLeftOutWherePaddingPredicts) {
  // The first target of row 0 is predicted by its first token.
  copy.numbers("/calls/000/inputs/attention_mask", {2, 6}, Integers{0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_EQ(places(Site::loss, {1}, 0), (std::vector<std::size_t>{}));
  EXPECT_FALSE(places(Site::aux_loss, {1}, 0)) << "the mask has left padding out already";
  copy.numbers("/calls/000/inputs/attention_mask", {2, 6}, Integers{1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1});
  EXPECT_FALSE(places(Site::loss, {1}, 0)) << "the padding predicts nothing";
}

TEST_F(RowsOfOutputs, ASequenceCountsWhileItHasARealToken) {
  EXPECT_FALSE(places(Site::pooled_logits, {1, 2}));
  copy.numbers("/calls/001/inputs/attention_mask", {1, 3}, Integers{0, 0, 0});
  EXPECT_EQ(places(Site::pooled_logits, {1, 2}), (std::vector<std::size_t>{}));
}

}  // namespace
}  // namespace assay::test
