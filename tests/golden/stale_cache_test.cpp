// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Engines whose cache is wrong between calls, as serving code gets it wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>

#include "tests/support/broken_model.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::CaseResult;
using golden::GoldenFile;
using golden::Values;
using golden::Verdict;

/// The state emitted at the end of each call is that of the call before: the engine forgot to advance.
Touch one_call_late(Site site) {
  return [=, late = std::make_shared<std::map<std::size_t, std::vector<double>>>()](const Moment& moment,
                                                                                    MutableSiteValue& value) {
    if (!moment.is(site)) return;
    std::vector<double>& before = (*late)[moment.point.layer->value];
    const std::vector<double> now = floats(value);
    if (before.size() == now.size()) set_floats(value, before);
    before = now;
  };
}

TEST(StaleCache, AnSsmStateThatDoesNotAdvanceIsSeenWhereItIsKept) {
  const GoldenFile golden(committed_golden("granitemoehybrid_cache"));
  ReplayEngine engine(golden, Precision::f64, {.before = one_call_late(Site::ssm_state), .after = {}});
  EXPECT_EQ(divergence_of(judged(golden, engine)), "call 1 layer 0 ssm_state");
}

TEST(StaleCache, AConvolutionStateThatDoesNotAdvanceIsSeenWhereItIsKept) {
  const GoldenFile golden(committed_golden("granitemoehybrid_cache"));
  ReplayEngine engine(golden, Precision::f64, {.before = one_call_late(Site::conv_state), .after = {}});
  EXPECT_EQ(divergence_of(judged(golden, engine)), "call 1 layer 0 conv_state");
}

TEST(StaleCache, AWindowThatDoesNotSlideIsSeenWhereItIsKept) {
  const GoldenFile golden(committed_golden("phimoe_sliding_window"));  // always W - 1 = 3 keys
  ReplayEngine engine(golden, Precision::f64, {.before = one_call_late(Site::cache_k), .after = {}});
  EXPECT_EQ(divergence_of(judged(golden, engine)), "call 1 layer 0 cache_k");
}

/// The real engine, whose kept state is spoilt once it was judged: the next call starts from it.
CaseResult with_spoilt_state(const std::string& case_name, Site site) {
  const GoldenFile golden(committed_golden(case_name));
  BrokenModel model(golden);
  model.meddling.after = [=](const Moment& moment, MutableSiteValue& value) {
    if (moment.call.value == 0 && moment.is(site)) set_floats(value, std::vector<double>(floats(value).size(), 0.0));
  };
  return model.judged(Precision::f64);
}

TEST(StaleCache, LostKeysAreSeenByTheNextCallsScores) {
  EXPECT_EQ(divergence_of(with_spoilt_state("granitemoe_cache", Site::cache_k)), "call 1 layer 0 attn_scores");
}

TEST(StaleCache, LostValuesAreSeenByTheNextCallsAttention) {
  EXPECT_EQ(divergence_of(with_spoilt_state("granitemoe_cache", Site::cache_v)), "call 1 layer 0 attn_out");
}

TEST(StaleCache, ALostConvolutionStateIsSeenByTheNextCallsConvolution) {
  EXPECT_EQ(divergence_of(with_spoilt_state("granitemoehybrid_cache", Site::conv_state)), "call 1 layer 0 conv_out");
}

TEST(StaleCache, ALostSsmStateIsSeenByTheNextCallsScan) {
  EXPECT_EQ(divergence_of(with_spoilt_state("granitemoehybrid_cache", Site::ssm_state)), "call 1 layer 0 ssm_out");
}

TEST(StaleCache, TheStateOfAnotherBatchRowIsSeenByTheNextCallsScan) {
  const GoldenFile golden(committed_golden("granitemoehybrid_dense"));
  BrokenModel model(golden);
  model.meddling.after = [](const Moment& moment, MutableSiteValue& value) {
    if (moment.call.value != 0 || !moment.is(Site::ssm_state)) return;
    std::vector<double> state = floats(value);
    std::copy_n(state.begin(), state.size() / 2, state.begin() + static_cast<std::ptrdiff_t>(state.size() / 2));
    set_floats(value, state);
  };
  EXPECT_EQ(divergence_of(model.judged(Precision::f64)), "call 1 layer 0 ssm_out");
}

/// The first call of the golden, twice: two independent sequences.
TEST(StaleCache, AStateKeptFromTheSequenceBeforeIsSeen) {
  GoldenCopy copy("granitemoehybrid_cache");
  for (const char* call : {"/calls/001", "/calls/002", "/calls/003", "/calls/004", "/calls/005"}) copy.remove(call);
  copy.duplicate("/calls/000", "/calls/001");
  const GoldenFile golden(copy.path());
  BrokenModel model(golden);
  EXPECT_EQ(golden::exit_code(model.judged(Precision::f64).verdict), 0);
  // The engine believes that the second sequence goes on with the first.
  std::vector<double> kept;
  model.meddling.before = [&](const Moment& moment, MutableSiteValue& value) {
    if (!moment.is(Site::ssm_state)) return;
    std::vector<double> state = floats(value);
    if (moment.call.value == 1) {
      for (std::size_t i = 0; i < state.size(); ++i) state[i] += 0.01 * kept[i];  // what has not decayed yet
      set_floats(value, state);
    }
    kept = state;
  };
  EXPECT_EQ(divergence_of(model.judged(Precision::f64)), "call 1 layer 0 ssm_state");
}

TEST(StaleCache, ARealEngineThatCountsPositionsFromZeroIsSeenAtTheRotation) {
  const GoldenFile golden(committed_golden("granitemoe_cache"));
  BrokenModel model(golden);
  static constexpr std::int64_t zero[] = {0, 1, 2, 3};
  model.call_change = [](CallIndex index, Call& call) {
    if (index.value > 0) call.position_ids = View<const std::int64_t, 2>(zero, {1, call.input_ids.extent(1)});
  };
  EXPECT_EQ(divergence_of(model.judged(Precision::f64)), "call 1 rope_cos");
}

TEST(StaleCache, ExchangedBatchRowsAreSeenAtTheFirstSite) {
  const GoldenFile golden(committed_golden("granitemoe_cache"));
  BrokenModel model(golden);
  std::vector<std::int64_t> ids;
  model.call_change = [&](CallIndex index, Call& call) {
    if (index.value != 2) return;
    ids = {call.input_ids(1, 0), call.input_ids(0, 0)};
    call.input_ids = View<const std::int64_t, 2>(ids.data(), {2, 1});
  };
  EXPECT_EQ(divergence_of(model.judged(Precision::f64)), "call 2 embed_out");
}

}  // namespace
}  // namespace assay::test
