// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Engines that are wrong on purpose: one that says what a golden says, and one that comes between an engine and
// whoever judges it.
#pragma once

#include <functional>
#include <set>

#include "golden/format/golden_file.hpp"
#include "golden/judge/examination.hpp"
#include "model/engine.hpp"

namespace assay::test {

/// Where a run is: which call, which site.
struct Moment {
  CallIndex call;
  ProbePoint point;

  [[nodiscard]] bool is(Site site, std::size_t layer) const { return point == ProbePoint{site, LayerIndex{layer}}; }
  [[nodiscard]] bool is(Site site) const { return point.site == site; }
};

using Touch = std::function<void(const Moment&, MutableSiteValue&)>;

/// `before` changes what the judge gets to see, `after` what the engine goes on with.
struct Meddling {
  Touch before;
  Touch after;
};

/// The floating-point values of a site, whichever their type, and one to be replaced.
[[nodiscard]] std::vector<double> floats(const MutableSiteValue& value);
void set_float(MutableSiteValue& value, std::size_t index, double number);
void set_floats(MutableSiteValue& value, const std::vector<double>& numbers);
[[nodiscard]] std::span<std::int64_t> experts_of(MutableSiteValue& value);

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

/// Another engine, with somebody at its probes.
class MeddledEngine : public Engine {
 public:
  using CallChange = std::function<void(CallIndex, Call&)>;

  MeddledEngine(Engine& engine, Meddling meddling, CallChange change = {})
      : engine_(engine), meddling_(std::move(meddling)), change_(std::move(change)) {}

  [[nodiscard]] std::string_view engine_name() const override { return "meddled"; }
  [[nodiscard]] Precision precision() const override { return engine_.precision(); }
  [[nodiscard]] bool provides(Site site) const override { return engine_.provides(site); }
  void reset() override;
  SiteValue forward(const Call& call, const Probe& probe) override;

 private:
  Engine& engine_;
  Meddling meddling_;
  CallChange change_;
  std::size_t next_ = 0;
};

/// examine() with the precision of the engine.
[[nodiscard]] golden::CaseResult judged(const golden::GoldenFile& golden, Engine& engine,
                                        golden::Mode mode = golden::Mode::free,
                                        const golden::Selection& selection = {},
                                        golden::Rows rows = golden::Rows::all);

/// "call 0 layer 1 q_proj", or "nothing": the first divergence.
[[nodiscard]] std::string divergence_of(const golden::CaseResult& result);

/// "call 0 layer 1 q_proj" and so on: every site of that verdict.
[[nodiscard]] std::vector<std::string> sites_of(const golden::CaseResult& result, golden::Verdict verdict);

}  // namespace assay::test
