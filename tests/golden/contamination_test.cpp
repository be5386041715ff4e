// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a tie touches, on calls that are small enough to count by hand, and on engines that really take the other
// expert.
#include "golden/judge/contamination.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <span>

#include "golden/replay/diff.hpp"
#include "reference/engine.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/golden_copy.hpp"
#include "tests/support/recorded_dump.hpp"

namespace assay::test {
namespace {

using golden::Contamination;
using golden::GoldenFile;
using golden::Values;
using golden::Verdict;

const PlannedSite& planned(const GoldenFile& golden, std::size_t call, const ProbePoint& point) {
  return *std::ranges::find(golden.calls()[call].sites, point, &PlannedSite::point);
}

/// The rows of T with anything that is left out, of a site [B, L, ...] or [T, ...].
std::vector<std::size_t> touched_rows(const GoldenFile& golden, const Contamination& contamination, std::size_t call,
                                      const ProbePoint& point) {
  const PlannedSite& site = planned(golden, call, point);
  const golden::Places clean = contamination.clean(CallIndex{call}, site);
  std::vector<std::size_t> rows;
  if (!clean) return rows;
  const std::size_t tokens = golden.calls()[call].batch() * golden.calls()[call].length();
  const std::size_t width = elements(site.shape) / tokens;
  for (std::size_t row = 0; row < tokens; ++row) {
    const auto inside = [&](std::size_t place) { return place / width == row; };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(*clean, inside));
    EXPECT_TRUE(count == 0 || count == width) << "a row is clean or not";
    if (count == 0) rows.push_back(row);
  }
  return rows;
}

using Rows = std::vector<std::size_t>;

ProbePoint at_layer(std::size_t layer, Site site) { return {site, LayerIndex{layer}}; }

TEST(Contamination, BeginsBehindTheChoiceOfTheTiedTokenAndGoesOnToItsLaterTokens) {
  const GoldenFile golden(committed_golden("granitemoe_prefill"));  // 3 layers, B 2, L 6
  Contamination contamination(golden);
  contamination.begin_call(CallIndex{0});
  contamination.add_tie(LayerIndex{1}, 8);  // row 1, token 2
  const auto rows = [&](const ProbePoint& point) { return touched_rows(golden, contamination, 0, point); };
  EXPECT_EQ(rows(at_layer(0, Site::layer_out)), Rows{});
  EXPECT_EQ(rows(at_layer(1, Site::router_logits)), Rows{});
  EXPECT_EQ(rows(at_layer(1, Site::router_experts)), Rows{});
  EXPECT_EQ(rows(at_layer(1, Site::router_weights)), Rows{8});
  EXPECT_EQ(rows(at_layer(1, Site::expert_out)), Rows{8});
  EXPECT_EQ(rows(at_layer(1, Site::layer_out)), Rows{8});
  EXPECT_EQ(rows(at_layer(2, Site::q_proj)), Rows{8});
  EXPECT_EQ(rows(at_layer(2, Site::attn_visible)), Rows{});
  EXPECT_EQ(rows(at_layer(2, Site::attn_out)), (Rows{8, 9, 10, 11}));
  EXPECT_EQ(rows(at_layer(2, Site::moe_out)), (Rows{8, 9, 10, 11}));
  EXPECT_EQ(rows({Site::logits, std::nullopt}), (Rows{8, 9, 10, 11}));
  EXPECT_EQ(rows({Site::embed_out, std::nullopt}), Rows{});
  EXPECT_TRUE(contamination.reaches(LayerIndex{2}, 9));
  EXPECT_FALSE(contamination.reaches(LayerIndex{1}, 8)) << "the tie itself is judged";
  EXPECT_FALSE(contamination.reaches(LayerIndex{2}, 5));
  EXPECT_EQ(contamination.tokens(), 1U + 4U);
}

TEST(Contamination, OfTheLastLayerIsOneRowOfTheLogits) {
  const GoldenFile golden(committed_golden("granitemoe_prefill"));
  Contamination contamination(golden);
  contamination.begin_call(CallIndex{0});
  contamination.add_tie(LayerIndex{2}, 3);
  EXPECT_EQ(touched_rows(golden, contamination, 0, {Site::logits, std::nullopt}), Rows{3});
}

TEST(Contamination, WithoutATieIsNothing) {
  const GoldenFile golden(committed_golden("granitemoe_prefill"));
  Contamination contamination(golden);
  contamination.begin_call(CallIndex{0});
  for (const PlannedSite& site : golden.calls()[0].sites) {
    EXPECT_EQ(contamination.clean(CallIndex{0}, site), std::nullopt);
  }
  EXPECT_EQ(contamination.tokens(), 0U);
}

TEST(Contamination, OfPaddingReachesNoRealTokenOfABatch) {
  const GoldenFile golden(committed_golden("granitemoe_left_pad"));
  const golden::RecordedCall& call = golden.calls()[0];
  std::size_t row = 0;
  while (!call.is_padding(row, 0)) ++row;
  Contamination contamination(golden);
  contamination.begin_call(CallIndex{0});
  contamination.add_tie(LayerIndex{0}, row * call.length());
  for (const std::size_t touched : touched_rows(golden, contamination, 0, at_layer(1, Site::layer_out))) {
    EXPECT_TRUE(call.is_padding(touched / call.length(), touched % call.length())) << touched;
  }
  EXPECT_GT(contamination.tokens(), 1U);
}

TEST(Contamination, OfPaddingInABatchOfOneGoesThroughMamba) {
  const GoldenFile golden(committed_golden("granitemoehybrid_one_padded_row"));
  ASSERT_EQ(golden.calls()[0].batch(), 1U);
  ASSERT_TRUE(golden.calls()[0].is_padding(0, 0));
  Contamination contamination(golden);
  contamination.begin_call(CallIndex{0});
  contamination.add_tie(LayerIndex{0}, 0);
  const std::size_t layers = common(golden.config()).num_hidden_layers;
  EXPECT_EQ(contamination.tokens(), 1 + (layers - 1) * golden.calls()[0].length());
}

TEST(Contamination, StaysInTheCacheForCallsThatContinue) {
  const GoldenFile golden(committed_golden("granitemoe_cache"));
  ASSERT_TRUE(golden.calls()[1].continues);
  const std::size_t length = golden.calls()[0].length();
  Contamination contamination(golden);
  contamination.begin_call(CallIndex{0});
  contamination.add_tie(LayerIndex{0}, length - 1);                          // row 0, its last token
  const PlannedSite& keys = planned(golden, 0, at_layer(1, Site::cache_k));  // [B, KV, S, d]
  const golden::Places clean = contamination.clean(CallIndex{0}, keys);
  ASSERT_TRUE(clean);
  EXPECT_EQ(clean->size(), elements(keys.shape) - keys.shape[1] * keys.shape[3]) << "one key of one row";
  EXPECT_EQ(contamination.clean(CallIndex{0}, planned(golden, 0, at_layer(0, Site::cache_k))), std::nullopt);
  contamination.begin_call(CallIndex{1});
  const std::size_t next = golden.calls()[1].length();
  Rows row(next);
  for (std::size_t i = 0; i < next; ++i) row[i] = i;
  EXPECT_EQ(touched_rows(golden, contamination, 1, at_layer(0, Site::layer_out)), Rows{});
  EXPECT_EQ(touched_rows(golden, contamination, 1, at_layer(1, Site::q_proj)), Rows{});
  EXPECT_EQ(touched_rows(golden, contamination, 1, at_layer(1, Site::attn_out)), row);
  EXPECT_EQ(touched_rows(golden, contamination, 1, {Site::logits, std::nullopt}), row);
}

TEST(Contamination, IsForgottenByACallThatBeginsAnew) {
  const GoldenFile golden(committed_golden("granitemoe_second_sequence"));
  std::size_t anew = 1;
  while (golden.calls().at(anew).continues) ++anew;
  Contamination contamination(golden);
  for (std::size_t call = 0; call < anew; ++call) contamination.begin_call(CallIndex{call});
  contamination.add_tie(LayerIndex{0}, 0);
  contamination.begin_call(CallIndex{anew});
  for (const PlannedSite& site : golden.calls()[anew].sites) {
    EXPECT_EQ(contamination.clean(CallIndex{anew}, site), std::nullopt) << to_string(site.point);
  }
}

TEST(Contamination, OfALossIsTheWholeLoss) {
  const GoldenFile golden(committed_golden("granitemoeshared_loss"));
  Contamination contamination(golden);
  contamination.begin_call(CallIndex{0});
  contamination.add_tie(LayerIndex{0}, 0);
  const golden::Places clean = contamination.clean(CallIndex{0}, planned(golden, 0, {Site::loss, std::nullopt}));
  ASSERT_TRUE(clean);
  EXPECT_TRUE(clean->empty());
}

struct Forced {
  std::string golden;
  std::size_t token = 0;  ///< of T, in call 0

  friend void PrintTo(const Forced& forced, std::ostream* out) { *out << forced.golden << " " << forced.token; }
};

/// The golden says that a token of layer 0 is a tie; the reference, which takes the other expert there, is recorded.
class ForcedTie : public testing::TestWithParam<Forced> {
 protected:
  ForcedTie() : copy(GetParam().golden) {
    const GoldenFile committed(committed_golden(GetParam().golden));
    const std::vector<double> logits = committed.values(CallIndex{0}, Values::truth, at_layer(0, Site::router_logits));
    const std::vector<std::int64_t> truth =
        committed.integers(CallIndex{0}, Values::truth, at_layer(0, Site::router_experts));
    const std::size_t tokens = committed.calls()[0].batch() * committed.calls()[0].length();
    slots = truth.size() / tokens;
    const std::size_t experts = logits.size() / tokens;
    const auto row = std::span(logits).subspan(GetParam().token * experts, experts);
    const auto chosen = std::span(truth).subspan(GetParam().token * slots, slots);
    std::vector<std::int64_t> ranked(experts);
    for (std::size_t e = 0; e < experts; ++e) ranked[e] = static_cast<std::int64_t>(e);
    std::ranges::sort(ranked, std::greater<>(), [&](std::int64_t e) { return row[static_cast<std::size_t>(e)]; });
    last = chosen.back();
    other = *std::ranges::find_if(ranked, [&](std::int64_t e) { return std::ranges::count(chosen, e) == 0; });
    const std::string layer = "/calls/000/truth/layers/000/";
    copy.edit<double>(layer + "router_logits", [&](auto& values) {
      values[GetParam().token * experts + static_cast<std::size_t>(other)] =
          values[GetParam().token * experts + static_cast<std::size_t>(last)] - 1e-14;
    });
    copy.edit<double>(layer + "router_margin", [&](auto& values) { values[GetParam().token] = 1e-14; });
  }

  GoldenCopy copy;
  std::size_t slots = 0;
  std::int64_t last = 0;
  std::int64_t other = 0;
};

/// Keeps what an engine shows.
class Recorder : public Observer {
 public:
  explicit Recorder(RecordedDump& dump) : dump_(dump) {}
  void begin_call(std::size_t call) { call_ = call; }
  void observe(const ProbePoint& point, const SiteValue& value) override {
    std::visit(
        [&]<class T>(std::span<const T> values) {
          if constexpr (!std::is_same_v<T, std::uint8_t>) {
            dump_.set(recorded_path(call_, point), value.shape, std::vector<T>(values.begin(), values.end()));
          }
        },
        value.values);
  }

 private:
  RecordedDump& dump_;
  std::size_t call_ = 0;
};

TEST_P(ForcedTie, IsATieAndWhateverElseItTouchesIsLeftOut) {
  const GoldenFile golden(copy.path());
  const golden::EmbeddedWeights source(golden);
  const Weights weights = resolve_weights(golden.config(), source);
  const auto reference = reference::make_engine(golden.config(), weights, Precision::f64);
  MeddledEngine engine(*reference, {.before = {}, .after = [&](const Moment& moment, MutableSiteValue& value) {
                                      if (moment.call.value != 0 || !moment.is(Site::router_experts, 0)) return;
                                      const auto row = experts_of(value).subspan(GetParam().token * slots, slots);
                                      *std::ranges::find(row, last) = other;
                                    }});
  RecordedDump dump(golden, Precision::f64);
  const std::string logits = recorded_path(0, at_layer(0, Site::router_logits));
  const RecordedArray of_the_golden = dump.arrays.at(logits);
  Recorder recorder(dump);
  engine.reset();
  for (std::size_t call = 0; call < golden.calls().size(); ++call) {
    recorder.begin_call(call);
    (void)engine.forward(golden.calls()[call].call(), Probe(&recorder));
  }
  // Probes show what comes before the injection: the choice itself is put in here.
  const std::string experts = recorded_path(0, at_layer(0, Site::router_experts));
  std::vector<std::int64_t> choice = golden.integers(CallIndex{0}, Values::truth, at_layer(0, Site::router_experts));
  *std::ranges::find(std::span(choice).subspan(GetParam().token * slots, slots), last) = other;
  dump.set(experts, dump.arrays.at(experts).shape, choice);
  dump.arrays[logits] = of_the_golden;
  const std::filesystem::path path = copy.folder().path() / "forced.safetensors";
  dump.write(path);

  const golden::Dump actual(path);
  const golden::CaseResult result = golden::diff(golden, actual, {}, "assay diff", {});
  EXPECT_EQ(result.verdict, Verdict::tie) << divergence_of(result) << " " << result.error;
  EXPECT_EQ(result.tied_tokens, 1U);
  EXPECT_GT(result.contaminated_tokens, 0U);

  // It did touch something: without the tie's excuse the same values fail.
  const GoldenFile strict(committed_golden(GetParam().golden));
  const golden::CaseResult wrong = golden::diff(strict, actual, {}, "assay diff", {});
  EXPECT_EQ(wrong.verdict, Verdict::fail);
  EXPECT_GT(sites_of(wrong, Verdict::fail).size(), 5U);
}

INSTANTIATE_TEST_SUITE_P(Of, ForcedTie,
                         testing::Values(Forced{"granitemoe_cache", 2}, Forced{"granitemoe_left_pad", 5},
                                         Forced{"granitemoe_left_pad", 0}, Forced{"granitemoe_masked_row", 1},
                                         Forced{"granitemoehybrid_cache", 1}, Forced{"granitemoehybrid_left_pad", 4},
                                         Forced{"granitemoehybrid_mamba_pads", 0},
                                         Forced{"granitemoehybrid_mamba_pads", 4},
                                         Forced{"granitemoehybrid_whole_heads", 7},
                                         Forced{"granitemoehybrid_tuples", 1}, Forced{"phimoe_window_crop", 1},
                                         Forced{"granitemoeshared_aux_loss", 3}, Forced{"phimoe_cache", 1}),
                         [](const auto& of) { return fmt::format("{}_{}", of.param.golden, of.param.token); });

}  // namespace
}  // namespace assay::test
