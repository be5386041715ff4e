// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/examiner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "golden/judge/end_to_end.hpp"
#include "golden/judge/metrics.hpp"
#include "golden/judge/noise_ratios.hpp"

namespace assay::golden {
namespace {

std::pair<std::size_t, Site> key(const ProbePoint& point) {
  return {point.layer ? point.layer->value + 1 : 0, point.site};
}

std::vector<double> widened(const ConstValues& values) {
  return std::visit([](auto span) { return std::vector<double>(span.begin(), span.end()); }, values);
}

/// MISSING until something better is known.
SiteResult blank(CallIndex call, const ProbePoint& point) {
  SiteResult result;
  result.call = call;
  result.layer = point.layer;
  result.site = point.site;
  return result;
}

/// PhiMoE gives the first and the second expert their weights by different rules.
SlotOrder slot_order_of(const Config& config) {
  return std::holds_alternative<PhimoeConfig>(config) ? SlotOrder::significant : SlotOrder::free;
}

Witness witness_of(const GoldenFile& golden) {
  if (golden.kind() == Kind::dump) return Witness::dump;
  return golden.has(Values::truth) ? Witness::truth : Witness::hf32;
}

bool is_of_kind(SiteKind kind, const ConstValues& values) {
  switch (kind) {
    case SiteKind::routing:
      return std::holds_alternative<std::span<const std::int64_t>>(values);
    case SiteKind::mask:
      return std::holds_alternative<std::span<const std::uint8_t>>(values);
    case SiteKind::value:
    case SiteKind::state:
    case SiteKind::constant:
      break;
  }
  return std::holds_alternative<std::span<const float>>(values) ||
         std::holds_alternative<std::span<const double>>(values);
}

std::string_view type_of(SiteKind kind) {
  if (kind == SiteKind::routing) return "int64 values";
  return kind == SiteKind::mask ? "uint8 values" : "floating-point values";
}

}  // namespace

Examiner::Examiner(const GoldenFile& golden, ExamOptions options)
    : golden_(golden),
      options_(std::move(options)),
      witness_(witness_of(golden)),
      rows_(golden, options_.rows),
      limits_(golden, rows_, options_.tolerances, options_.precision, options_.calibration),
      slot_order_(slot_order_of(golden.config())) {
  if (options_.replays) return;
  contamination_.emplace(golden);
  rows_.leave_out(&*contamination_);
}

void Examiner::begin_call(CallIndex call) {
  call_ = call;
  if (contamination_) contamination_->begin_call(call);
  const std::vector<PlannedSite>& plan = golden_.calls()[call.value].sites;
  of_call_.assign(plan.size(), std::nullopt);
  places_.clear();
  routing_ = {};
  routing_layer_.reset();
  for (std::size_t place = 0; place < plan.size(); ++place) places_[key(plan[place].point)] = place;
}

void Examiner::end_call() {
  const std::vector<PlannedSite>& plan = golden_.calls()[call_.value].sites;
  for (std::size_t place = 0; place < plan.size(); ++place) {
    const ProbePoint& point = plan[place].point;
    if (!options_.selection.includes(point)) continue;
    if (!golden_.records(call_, point)) {
      not_recorded_.insert(point.site);
      continue;
    }
    const bool declared = options_.not_provided.contains(point.site);
    if (declared) not_provided_.insert(point.site);
    if (of_call_[place]) {
      results_.push_back(*std::move(of_call_[place]));
    } else if (declared) {
      continue;
    } else if (!gave_up_ && options_.replays) {
      SiteResult missing = blank(call_, point);
      missing.note = "not emitted by the engine";
      results_.push_back(std::move(missing));
    }
  }
  if (unplanned_) results_.push_back(*std::move(unplanned_));
  unplanned_.reset();
}

void Examiner::observe(const ProbePoint& point, const SiteValue& value) {
  if (gave_up_) return;
  const auto place = places_.find(key(point));
  if (place == places_.end()) return give_up(point, "expected no such site, the engine emitted one");
  std::optional<SiteResult>& result = of_call_[place->second];
  if (result) return give_up(point, "expected one emission, the engine emitted two");
  const PlannedSite& planned = golden_.calls()[call_.value].sites[place->second];
  if (value.shape != planned.shape) {
    return give_up(point, fmt::format("expected {}, the engine emitted {}", assay::to_string(planned.shape),
                                      assay::to_string(value.shape)));
  }
  const SiteKind kind = info(point.site).kind;
  if (!is_of_kind(kind, value.values)) {
    return give_up(point, fmt::format("expected {}, the engine emitted others", type_of(kind)));
  }
  if (!golden_.records(call_, point)) return;
  if (point.layer != routing_layer_) {
    routing_ = {};
    routing_layer_ = point.layer;
  }
  result = judge(planned, value);
  if (options_.not_provided.contains(point.site)) {
    result->verdict = Verdict::fail;
    result->note = "expected no such site, as the engine declares; it emitted one";
  }
  if (options_.listener != nullptr && options_.selection.includes(point)) {
    options_.listener->judged(*result, value.shape, actual_);
  }
}

void Examiner::give_up(const ProbePoint& point, const std::string& note) {
  gave_up_ = true;
  unplanned_ = blank(call_, point);
  unplanned_->verdict = Verdict::fail;
  unplanned_->note = note + "; nothing behind it was judged";
}

SiteResult Examiner::judge(const PlannedSite& site, const SiteValue& value) {
  SiteResult result = blank(call_, site.point);
  switch (info(site.point.site).kind) {
    case SiteKind::value:
    case SiteKind::state:
    case SiteKind::constant:
      judge_floats(result, site, value);
      break;
    case SiteKind::mask:
      judge_mask(result, site, value);
      break;
    case SiteKind::routing:
      judge_experts(result, site, value);
      break;
  }
  return result;
}

void Examiner::judge_floats(SiteResult& result, const PlannedSite& site, const SiteValue& value) {
  const ProbePoint& point = site.point;
  expected_ = golden_.values(call_, source(), point);
  actual_ = widened(value.values);
  if (is_per_slot(point.site) && !routing_.engine_slots.empty()) {
    actual_ = reorder_slots(actual_, routing_.engine_slots, routing_.margin.size());
  }
  const std::optional<Infinite> infinite = first_infinite(rows_.real_places(call_, site), expected_, actual_);
  const Places places = rows_.places(call_, site);
  const std::vector<double> expected = values_at(places, expected_);
  Limits limit = limits_.of(call_, site, expected, routing_.hf32_slots);
  if (point.site == Site::router_logits) routing_.logit_limit = limit.max_abs;
  const bool excused = point.site == Site::router_weights && excuse_tied_rows(point, limit, value.shape, actual_);

  measure_at(places, result, expected_, value.shape, limit.max_abs);
  const std::vector<double> actual = values_at(places, actual_);
  std::vector<double> error(actual.size());
  for (std::size_t i = 0; i < error.size(); ++i) error[i] = actual[i] - expected[i];
  const double error_l2 = norm_l2(error);
  const double scale = norm_l2(expected);
  std::optional<std::size_t> wrong_constant;
  if (info(point.site).kind == SiteKind::constant) {
    wrong_constant = first_wrong_constant(options_.tolerances, expected, actual);
  }
  if (wrong_constant) {
    result.note = fmt::format("element {} is off by more than {} units in its own last place", *wrong_constant,
                              options_.tolerances.constant_own_ulps);
  }
  if (const auto noise = limits_.noise_of(call_, site, limit, expected); noise && !expected.empty()) {
    result.ratios = noise_ratios(options_.tolerances, site, *noise, places, expected, actual);
  }
  const NoiseRatio* broken = first_broken(result.ratios);
  // Written so that a NaN fails.
  const auto within_limits = [&] {
    return !wrong_constant && error_l2 <= limit.l2 && result.metrics.max_abs <= limit.max_abs;
  };
  const auto holds = [&] { return within_limits() && broken == nullptr; };
  const bool jumped = limit.jump > 0.0 && !holds();
  if (jumped) {
    limit.l2 += limit.jump;
    limit.max_abs += limit.jump;
    result.note = "a token's largest router logits are a proven tie: either may be counted";
  }
  result.limit_rel_l2 = scale == 0.0 ? 0.0 : limit.l2 / scale;
  result.limit_max_abs = limit.max_abs;
  result.digits = verified_digits(result.metrics, norm_max(expected));
  if (infinite) {
    result.verdict = Verdict::fail;
    show(*infinite, value.shape, result);
  } else if (!holds()) {
    result.verdict = Verdict::fail;
    if (within_limits()) result.note = to_string(*broken);
  } else if (expected.empty()) {
    result.verdict = Verdict::vacuous;
    result.note = why_nothing();
  } else if (scale == 0.0) {
    result.verdict = Verdict::vacuous;
    result.note = "all expected values are zero";
  } else {
    result.verdict = excused || jumped ? Verdict::tie : Verdict::pass;
    const bool has_steps = info(point.site).kind == SiteKind::constant;  // whole units in the last place
    if (result.verdict == Verdict::pass && !has_steps && share_used(result) > options_.tolerances.marginal_share) {
      result.verdict = Verdict::marginal;
    }
  }
  if (options_.gauges != nullptr) {
    judge_gauge(options_.tolerances, *options_.gauges, site, places, expected, actual, result);
  }
  if (limits_.is_bitwise(point.site) && result.note.empty()) result.note = bitwise;
  if (point.site == Site::logits && !expected.empty()) judge_end_to_end(result, value.shape.back(), expected, actual);
}

/// What becomes of the logits of a float32 run: the next token's distribution and its first choice.
void Examiner::judge_end_to_end(SiteResult& result, std::size_t width, std::span<const double> expected,
                                std::span<const double> actual) {
  if (witness_ != Witness::truth || options_.precision == Precision::f64) return;
  EndToEnd end = golden::end_to_end(expected, actual, width, result.limit_max_abs);
  end.call = call_;
  limits_.set_gates(end);
  if (end.kl_mean_gate > 0.0 && !(end.kl_mean <= end.kl_mean_gate && end.kl_max <= end.kl_max_gate)) {
    result.verdict = Verdict::fail;
    if (result.note.empty()) {
      result.note = fmt::format("KL divergence {:.3g} in the mean, {:.3g} at most; allowed {:.3g} and {:.3g}",
                                end.kl_mean, end.kl_max, end.kl_mean_gate, end.kl_max_gate);
    }
  }
  if (end.top1_wrong > 0) {
    result.verdict = Verdict::fail;
    if (result.note.empty()) result.note = fmt::format("{} of {} rows choose another token", end.top1_wrong, end.rows);
  }
  end_to_end_.push_back(end);
}

/// The figures of the judged elements of actual_; in the others it becomes the golden's.
void Examiner::measure_at(const Places& places, SiteResult& result, const std::vector<double>& expected,
                          const Shape& shape, double element_limit) {
  if (!places) {
    result.metrics = measure(Expected{expected}, Actual{actual_}, shape, options_.precision, element_limit);
    return;
  }
  const std::vector<double> judged = values_at(places, expected);
  const std::vector<double> actual = values_at(places, actual_);
  result.metrics = measure(Expected{judged}, Actual{actual}, {judged.size()}, options_.precision, element_limit);
  if (!judged.empty()) result.metrics.worst_index = unravel((*places)[result.metrics.worst_index.front()], shape);
  std::vector<double> kept = expected;
  for (std::size_t i = 0; i < actual.size(); ++i) kept[(*places)[i]] = actual[i];
  actual_ = std::move(kept);
}

void Examiner::judge_mask(SiteResult& result, const PlannedSite& site, const SiteValue& value) {
  const std::vector<std::int64_t> integers = golden_.integers(call_, source(), site.point);
  const std::vector<double> expected(integers.begin(), integers.end());
  actual_ = widened(value.values);
  measure_at(rows_.places(call_, site), result, expected, value.shape, 0.0);
  result.verdict = result.metrics.differing == 0 ? Verdict::pass : Verdict::fail;
  if (result.metrics.elements == 0) {
    result.verdict = Verdict::vacuous;
    result.note = why_nothing();
  }
}

void Examiner::inject(const ProbePoint& point, const MutableSiteValue& value) {
  const SiteKind kind = info(point.site).kind;
  if (gave_up_ || kind == SiteKind::mask || !golden_.records(call_, point)) return;
  const bool all = options_.mode == Mode::injected || kind == SiteKind::constant ||
                   (options_.mode == Mode::routing && point.site == Site::router_experts);
  const bool tied_rows = point.site == Site::router_experts || point.site == Site::router_weights;
  if (!all && (!tied_rows || routing_.tied.empty())) return;
  const std::size_t width = all ? 1 : value.shape[1];
  std::visit(
      [&]<class T>(std::span<T> values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
          if (!all && !routing_.tied[i / width]) continue;
          // expected_ holds this very site, as observe() comes right before; a tied token has the golden's slot order.
          values[i] = kind == SiteKind::routing ? static_cast<T>(routing_.expected[i]) : static_cast<T>(expected_[i]);
        }
      },
      value.values);
}

}  // namespace assay::golden
