// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// An engine that says what a golden says, but for what is meddled with; and what a judgement comes to, in words.
#pragma once

#include <set>

#include "golden/format/golden_file.hpp"
#include "golden/judge/examination.hpp"
#include "model/engine.hpp"
#include "selftest/meddled_engine.hpp"

namespace assay::test {

using selftest::experts_of;
using selftest::floats;
using selftest::MeddledEngine;
using selftest::Meddling;
using selftest::Moment;
using selftest::set_float;
using selftest::set_floats;
using selftest::Touch;

/// Emits the golden's own values in the order of its plan.
class ReplayEngine : public Engine {
 public:
  ReplayEngine(const golden::GoldenFile& golden, Precision precision, Meddling meddling = {})
      : golden_(golden), precision_(precision), meddling_(std::move(meddling)) {}

  /// A site that it never emits.
  void leave_out(const ProbePoint& point) { left_out_.push_back(point); }
  /// A site that it says it does not show; it emits it all the same unless it is left out.
  void declare_not_provided(Site site) { not_provided_.insert(site); }
  /// Declares and leaves out.
  void fuse_away(Site site) {
    not_provided_.insert(site);
    fused_.insert(site);
  }

  [[nodiscard]] std::string_view engine_name() const override { return "replay"; }
  [[nodiscard]] Precision precision() const override { return precision_; }
  [[nodiscard]] bool provides(Site site) const override { return !not_provided_.contains(site); }
  void reset() override { next_ = 0; }
  SiteValue forward(const Call& call, const Probe& probe) override;

 private:
  void play(const Moment& moment, const Shape& shape, const Probe& probe);

  const golden::GoldenFile& golden_;
  Precision precision_;
  Meddling meddling_;
  std::vector<ProbePoint> left_out_;
  std::set<Site> not_provided_;
  std::set<Site> fused_;
  std::size_t next_ = 0;
};

/// examine() with the precision of the engine.
[[nodiscard]] golden::CaseResult judged(const golden::GoldenFile& golden, Engine& engine,
                                        golden::Mode mode = golden::Mode::free, const golden::Selection& selection = {},
                                        golden::Rows rows = golden::Rows::all);

/// "call 0 layer 1 q_proj", or "nothing": the first divergence.
[[nodiscard]] std::string divergence_of(const golden::CaseResult& result);

/// "call 0 layer 1 q_proj" and so on: every site of that verdict.
[[nodiscard]] std::vector<std::string> sites_of(const golden::CaseResult& result, golden::Verdict verdict);

}  // namespace assay::test
