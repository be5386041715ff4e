// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Judges an engine while it runs: it sees every site, holds it against the golden, and decides what the engine goes
// on with. Between calls it notices what was not shown.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "golden/format/golden_file.hpp"
#include "golden/judge/contamination.hpp"
#include "golden/judge/gauge.hpp"
#include "golden/judge/real_rows.hpp"
#include "golden/judge/result.hpp"
#include "golden/judge/routing.hpp"
#include "golden/judge/selection.hpp"
#include "golden/judge/site_limits.hpp"
#include "golden/judge/tolerance.hpp"
#include "model/probe.hpp"

namespace assay::golden {

/// Is told of every selected site once it is judged. Values are in the golden's slot order; rows behind a proven tie
/// and rows that are not judged are the golden's own, and a set of experts is told in one order whoever chose it.
class JudgeListener {
 public:
  virtual ~JudgeListener() = default;
  virtual void judged(const SiteResult& result, const Shape& shape, std::span<const double> values) = 0;
};

/// The notes of a site without an element that is judged.
inline constexpr std::string_view all_padding = "every row of it is padding";
inline constexpr std::string_view all_behind_ties = "every row of it is padding or behind a tie";

/// The note of a site whose golden is exact: no rounding is allowed.
inline constexpr std::string_view bitwise = "exact: bitwise";

struct ExamOptions {
  Precision precision = Precision::f64;
  Mode mode = Mode::free;
  Rows rows = Rows::all;
  Selection selection;
  Tolerances tolerances;
  const Calibration* calibration = nullptr;  ///< borrowed; without one float32 is judged as SiteLimits says
  std::set<Site> not_provided;               ///< what the engine declares not to show
  JudgeListener* listener = nullptr;         ///< borrowed
  /// Whether the engine goes on with what it is given. Recorded values do not: what a tie has touched is left out,
  /// and what was not recorded is not missing.
  bool replays = true;
  const GaugeRecord* gauges = nullptr;  ///< borrowed; of a float32 engine in injected mode
};

/// What becomes of the engine's values:
/// - rope_inv_freq is always replaced by the golden's, once judged: its last place belongs to the platform's power
///   function, not to the engine;
/// - a routing decision that is a proven tie is replaced by the golden's, so that what follows can be judged;
/// - in mode injected every floating-point and routing site is replaced, in mode routing the choices of experts.
class Examiner : public Observer, public Injector {
 public:
  /// Borrows the golden. The witness is the truth where the golden has one, else hf32; of a dump its own values.
  Examiner(const GoldenFile& golden, ExamOptions options);

  [[nodiscard]] Witness witness() const { return witness_; }

  void begin_call(CallIndex call);
  /// Planned sites of the selection that were not shown become MISSING, unless the engine declares not to show them or
  /// the golden not to hold them.
  void end_call();

  /// A site that the engine declares not to show is a FAIL. A site that the plan does not have, one shown twice, or
  /// one of another shape or type is a FAIL with a note. A site that the golden does not hold is passed over. After a
  /// misplaced one nothing that the engine shows has a place any more: the rest of the run is neither judged nor
  /// replaced.
  void observe(const ProbePoint& point, const SiteValue& value) override;
  void inject(const ProbePoint& point, const MutableSiteValue& value) override;

  /// The results of all calls so far, in the order of execution.
  [[nodiscard]] const std::vector<SiteResult>& results() const { return results_; }
  /// Those of the selection that calls so far had and the engine declares not to show, in the order of execution.
  [[nodiscard]] std::vector<Site> not_provided() const { return {not_provided_.begin(), not_provided_.end()}; }
  /// Those of the selection that calls so far had and the golden does not hold, in the order of execution.
  [[nodiscard]] std::vector<Site> not_recorded() const { return {not_recorded_.begin(), not_recorded_.end()}; }
  [[nodiscard]] std::size_t tied_tokens() const { return tied_tokens_; }
  /// Rows of layers that were left out behind ties.
  [[nodiscard]] std::size_t contaminated_tokens() const { return contamination_ ? contamination_->tokens() : 0; }
  /// Of the layers with experts, in the order of execution.
  [[nodiscard]] const std::vector<LayerRouting>& routing() const { return routing_records_; }
  /// All decisions that are not the golden's.
  [[nodiscard]] const std::vector<TokenDecision>& decisions() const { return decisions_; }
  /// Of the calls whose logits were judged against a truth, but for float64 engines.
  [[nodiscard]] const std::vector<EndToEnd>& end_to_end() const { return end_to_end_; }

  /// Whether a run was given up as observe() says.
  [[nodiscard]] bool gave_up() const { return gave_up_; }

 private:
  /// Routing of the layer at hand; all empty until the engine has shown its experts, if it ever does.
  struct RoutingAtHand {
    double logit_limit = 0;
    std::vector<double> logits;             // [T, E]: the golden's
    std::vector<double> margin;             // [T]
    std::vector<std::int64_t> expected;     // [T, k]
    std::vector<std::int64_t> chosen;       // [T, k]: the engine's own
    std::vector<bool> tied;                 // [T]
    std::vector<std::size_t> engine_slots;  // [T, k]: the engine's slot of each expected one
    std::vector<std::size_t> hf32_slots;    // [T, k]
  };

  void give_up(const ProbePoint& point, const std::string& note);
  [[nodiscard]] SiteResult judge(const PlannedSite& site, const SiteValue& value);
  void judge_floats(SiteResult& result, const PlannedSite& site, const SiteValue& value);
  void judge_end_to_end(SiteResult& result, std::size_t width, std::span<const double> expected,
                        std::span<const double> actual);
  void judge_experts(SiteResult& result, const PlannedSite& site, const SiteValue& value);
  void judge_mask(SiteResult& result, const PlannedSite& site, const SiteValue& value);
  void measure_at(const Places& places, SiteResult& result, const std::vector<double>& expected, const Shape& shape,
                  double element_limit);
  void read_routing(const ProbePoint& point);
  void tie(const ProbePoint& point, std::size_t token);
  [[nodiscard]] std::string_view why_nothing() const { return contamination_ ? all_behind_ties : all_padding; }
  [[nodiscard]] std::span<const double> logits_of(std::size_t token) const;
  [[nodiscard]] std::pair<std::string_view, double> rule_of(std::size_t token, std::size_t slots) const;
  void record_decision(const ProbePoint& point, std::size_t token, std::string_view rule, Decision decision,
                       double margin);
  [[nodiscard]] bool excuse_tied_rows(const ProbePoint& point, const Limits& limit, const Shape& shape,
                                      std::vector<double>& actual);
  [[nodiscard]] Values source() const { return golden_.witness(); }

  const GoldenFile& golden_;
  ExamOptions options_;
  Witness witness_;
  std::optional<Contamination> contamination_;  // where the engine does not replay
  RealRows rows_;
  SiteLimits limits_;
  SlotOrder slot_order_;
  CallIndex call_;
  std::vector<std::optional<SiteResult>> of_call_;              // by place in the plan
  std::map<std::pair<std::size_t, Site>, std::size_t> places_;  // {0 or layer + 1, site} -> place
  std::vector<double> expected_;                                // floating-point values of the site at hand
  std::vector<double> actual_;                                  // the engine's, as a JudgeListener is told
  RoutingAtHand routing_;
  std::optional<LayerIndex> routing_layer_;
  std::size_t tied_tokens_ = 0;
  std::vector<LayerRouting> routing_records_;
  std::vector<TokenDecision> decisions_;
  std::vector<EndToEnd> end_to_end_;
  bool gave_up_ = false;
  std::optional<SiteResult> unplanned_;
  std::vector<SiteResult> results_;
  std::set<Site> not_provided_;
  std::set<Site> not_recorded_;
};

}  // namespace assay::golden
