// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/examiner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "golden/judge/metrics.hpp"

namespace assay::golden {
namespace {

constexpr std::string_view all_padding = "every row of it is padding";

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

/// Copies one row of `width` elements.
template <class T>
void copy_row(const std::vector<T>& from, std::size_t row, std::size_t width, std::vector<T>& to) {
  const auto first = static_cast<std::ptrdiff_t>(row * width);
  std::copy_n(from.begin() + first, width, to.begin() + first);
}

void sort_rows(std::vector<std::int64_t>& experts, std::size_t slots) {
  for (auto row = experts.begin(); row != experts.end(); row += static_cast<std::ptrdiff_t>(slots)) {
    std::sort(row, row + static_cast<std::ptrdiff_t>(slots));
  }
}

}  // namespace

Examiner::Examiner(const GoldenFile& golden, ExamOptions options)
    : golden_(golden),
      options_(std::move(options)),
      witness_(golden.has(Values::truth) ? Witness::truth : Witness::hf32),
      rows_(golden, options_.rows),
      limits_(golden, rows_, options_.tolerances, options_.precision),
      slot_order_(slot_order_of(golden.config())) {}

void Examiner::begin_call(CallIndex call) {
  call_ = call;
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
    if (!golden_.records(point.site)) {
      not_recorded_.insert(point.site);
      continue;
    }
    const bool declared = options_.not_provided.contains(point.site);
    if (declared) not_provided_.insert(point.site);
    if (of_call_[place]) {
      results_.push_back(*std::move(of_call_[place]));
    } else if (declared) {
      continue;
    } else if (!gave_up_) {
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
  if (!golden_.records(point.site)) return;
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
  const Places places = rows_.places(call_, site);
  const std::vector<double> expected = values_at(places, expected_);
  Limits limit = limits_.of(call_, site, expected, routing_.hf32_slots);
  if (point.site == Site::router_logits) routing_.logit_limit = limit.max_abs;
  const bool excused = point.site == Site::router_weights && excuse_tied_rows(limit, value.shape, actual_);

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
  // Written so that a NaN fails.
  const auto holds = [&] {
    return !wrong_constant && error_l2 <= limit.l2 && result.metrics.max_abs <= limit.max_abs;
  };
  const bool jumped = limit.jump > 0.0 && !holds();
  if (jumped) {
    limit.l2 += limit.jump;
    limit.max_abs += limit.jump;
    result.note = "a token's largest router logits are a proven tie: either may be counted";
  }
  result.limit_rel_l2 = scale == 0.0 ? 0.0 : limit.l2 / scale;
  result.limit_max_abs = limit.max_abs;
  if (!holds()) {
    result.verdict = Verdict::fail;
  } else if (expected.empty()) {
    result.verdict = Verdict::vacuous;
    result.note = all_padding;
  } else if (scale == 0.0) {
    result.verdict = Verdict::vacuous;
    result.note = "all expected values are zero";
  } else {
    result.verdict = excused || jumped ? Verdict::tie : Verdict::pass;
  }
  if (options_.gauges != nullptr) {
    judge_gauge(options_.tolerances, *options_.gauges, site, places, expected, actual, result);
  }
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

/// PhiMoE weighs only the experts within a band below the best: a score on its border may fall on either side, and
/// the weight jumps though the experts are the same. Such a token is a tie if its margin says so.
bool Examiner::excuse_tied_rows(const Limits& limit, const Shape& shape, std::vector<double>& actual) {
  if (slot_order_ != SlotOrder::significant || routing_.margin.empty()) return false;
  bool excused = false;
  const std::size_t slots = shape[1];
  for (std::size_t token = 0; token < shape[0]; ++token) {
    if (!rows_.is_real(call_, token)) continue;
    bool jumps = false;
    for (std::size_t i = token * slots; i < (token + 1) * slots; ++i) {
      jumps = jumps || !(std::abs(actual[i] - expected_[i]) <= limit.max_abs);
    }
    if (!jumps || !(routing_.margin[token] <= 2.0 * routing_.logit_limit)) continue;
    if (!routing_.tied[token]) ++tied_tokens_;
    routing_.tied[token] = true;
    excused = true;
    copy_row(expected_, token, slots, actual);
  }
  return excused;
}

void Examiner::judge_mask(SiteResult& result, const PlannedSite& site, const SiteValue& value) {
  const std::vector<std::int64_t> integers = golden_.integers(call_, source(), site.point);
  const std::vector<double> expected(integers.begin(), integers.end());
  actual_ = widened(value.values);
  measure_at(rows_.places(call_, site), result, expected, value.shape, 0.0);
  result.verdict = result.metrics.differing == 0 ? Verdict::pass : Verdict::fail;
  if (result.metrics.elements == 0) {
    result.verdict = Verdict::vacuous;
    result.note = all_padding;
  }
}

void Examiner::read_routing(const ProbePoint& point) {
  routing_.expected = golden_.integers(call_, source(), point);
  routing_.logits = golden_.values(call_, source(), {Site::router_logits, point.layer});
  routing_.margin = golden_.router_margin(call_, *point.layer);
  routing_.tied.assign(routing_.margin.size(), false);
}

void Examiner::judge_experts(SiteResult& result, const PlannedSite& site, const SiteValue& value) {
  const ProbePoint& point = site.point;
  const std::size_t tokens = value.shape[0];
  const std::size_t slots = value.shape[1];
  read_routing(point);
  const auto emitted = std::get<std::span<const std::int64_t>>(value.values);
  std::vector<std::int64_t> actual(emitted.begin(), emitted.end());
  const RecordedRouting recorded{routing_.expected, routing_.logits, routing_.margin};
  const auto decisions = compare_experts(recorded, actual, routing_.logit_limit, slot_order_);

  result.verdict = Verdict::pass;
  // For the figures an accepted token counts as equal, so that only wrong decisions are differences.
  std::vector<std::int64_t> shown = actual;
  for (std::size_t token = 0; token < tokens; ++token) {
    if (!rows_.is_real(call_, token)) {
      copy_row(routing_.expected, token, slots, shown);
      continue;
    }
    if (decisions[token] == Decision::wrong) {
      result.verdict = Verdict::fail;
      continue;
    }
    copy_row(routing_.expected, token, slots, shown);
    if (decisions[token] == Decision::same) continue;
    // A tie: the engine goes on with the golden's experts, see inject().
    copy_row(routing_.expected, token, slots, actual);
    routing_.tied[token] = true;
    ++tied_tokens_;
    result.verdict = worse(result.verdict, Verdict::tie);
  }
  if (options_.mode == Mode::injected) actual = routing_.expected;
  const std::vector<std::int64_t> hf32 = golden_.integers(call_, Values::hf32, point);
  routing_.engine_slots = align_slots(routing_.expected, actual, tokens);
  routing_.hf32_slots = align_slots(routing_.expected, hf32, tokens);

  const std::vector<double> expected(routing_.expected.begin(), routing_.expected.end());
  actual_.assign(shown.begin(), shown.end());
  measure_at(rows_.places(call_, site), result, expected, value.shape, 0.0);
  if (slot_order_ == SlotOrder::free) sort_rows(shown, slots);
  actual_.assign(shown.begin(), shown.end());
  const auto theirs = compare_experts(recorded, hf32, 0.0, slot_order_);
  std::size_t flips = 0;
  for (std::size_t token = 0; token < tokens; ++token) {
    if (rows_.is_real(call_, token) && theirs[token] != Decision::same) ++flips;
  }
  if (flips > 0) {
    result.note =
        fmt::format("transformers' own float32 run routes {} tokens otherwise: the limits behind are wide", flips);
  }
  if (result.metrics.elements == 0) {
    result.verdict = Verdict::vacuous;
    result.note = all_padding;
  }
}

void Examiner::inject(const ProbePoint& point, const MutableSiteValue& value) {
  const SiteKind kind = info(point.site).kind;
  if (gave_up_ || kind == SiteKind::mask || !golden_.records(point.site)) return;
  const bool all = options_.mode == Mode::injected || kind == SiteKind::constant;
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
