// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The profile and its trace, of an engine that shows what it does.
#include "bench/profile/profile.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <chrono>

#include "bench/profile/ledger.hpp"
#include "model/published/shapes.hpp"

namespace assay::bench {
namespace {

using namespace std::chrono_literals;

class ProfileOfACall : public testing::Test {
 protected:
  ProfileOfACall() {
    auto profile = std::make_unique<Profile>(config_, "decode");
    const Probe probe(profile.get());
    const Probe in_layer = probe.in(LayerIndex{0});
    profile->begin();
    probe.reached(Site::embed_out);
    in_layer.reached(Site::attn_norm_out);
    const auto now = Timekeeper::Clock::now();
    profile->worked(1, now, now + 1us);
    in_layer.reached(Site::q_proj);
    in_layer.reached(Site::attn_out);
    profile->end();
    profiles_.push_back(std::move(profile));
  }

  Config config_ = parse_config(published_config("granite-3.0-1b-a400m", 1, DType::f32), "one layer");
  std::vector<std::unique_ptr<Profile>> profiles_;
};

TEST_F(ProfileOfACall, HasNoGapBetweenItsSpans) {
  const Profile::Call& call = profiles_.front()->calls().front();
  ASSERT_EQ(call.spans.size(), 5U);
  EXPECT_EQ(call.spans.front().begin, call.begin);
  for (std::size_t i = 1; i < call.spans.size(); ++i) EXPECT_EQ(call.spans[i].begin, call.spans[i - 1].end);
  EXPECT_EQ(call.spans.back().end, call.end);
}

TEST_F(ProfileOfACall, GivesTheWorkBehindTheLastSiteToTheHead) {
  EXPECT_EQ(profiles_.front()->group_of(profiles_.front()->calls().front().spans.back().point), Group::head);
}

TEST_F(ProfileOfACall, BecomesALedgerWithTheModelsOwnRowsLast) {
  std::vector<LedgerRow> ledger;
  append_ledger(*profiles_.front(), costs(config_, {}), ledger);
  std::vector<std::string> groups;
  for (const LedgerRow& row : ledger) groups.push_back((row.layer ? "0 " : "- ") + row.group);
  EXPECT_EQ(groups, (std::vector<std::string>{"0 norm", "0 qkv", "0 attend", "- embed", "- head"}));
  EXPECT_EQ(ledger[1].flops, 2.0 * 1024 * 2048);
}

TEST_F(ProfileOfACall, IsATraceThatViewersOpen) {
  const auto trace = boost::json::parse(chrome_trace(profiles_, "assay 1.2.3")).as_object();
  const auto& events = trace.at("traceEvents").as_array();
  std::size_t complete = 0;
  std::size_t on_thread_1 = 0;
  for (const auto& event : events) {
    const std::string phase = event.at("ph").as_string().c_str();
    ASSERT_TRUE(phase == "X" || phase == "M") << phase;
    if (phase == "M") continue;
    ++complete;
    EXPECT_GE(event.at("ts").to_number<double>(), 0);
    EXPECT_GE(event.at("dur").to_number<double>(), 0);
    if (event.at("tid").to_number<int>() == 1) {
      ++on_thread_1;
      EXPECT_EQ(event.at("name"), "qkv");
    }
  }
  EXPECT_EQ(complete, 1U + 5U + 1U);
  EXPECT_EQ(on_thread_1, 1U);
  EXPECT_EQ(events.front().at("args").at("name"), "assay 1.2.3");
}

}  // namespace
}  // namespace assay::bench
