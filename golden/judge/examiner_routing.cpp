// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The examiner's judgement of decisions: which experts a token goes to, and in PhiMoE who shares its weight.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>

#include "golden/judge/examiner.hpp"
#include "golden/judge/metrics.hpp"
#include "golden/judge/phimoe_margins.hpp"

namespace assay::golden {
namespace {

/// Copies one row of `width` elements.
template <class T>
void copy_row(const std::vector<T>& from, std::size_t row, std::size_t width, std::vector<T>& to) {
  const auto first = static_cast<std::ptrdiff_t>(row * width);
  std::copy_n(from.begin() + first, width, to.begin() + first);
}

std::vector<std::int64_t> row_of(const std::vector<std::int64_t>& values, std::size_t row, std::size_t width) {
  const auto first = values.begin() + static_cast<std::ptrdiff_t>(row * width);
  return {first, first + static_cast<std::ptrdiff_t>(width)};
}

void sort_rows(std::vector<std::int64_t>& experts, std::size_t slots) {
  for (auto row = experts.begin(); row != experts.end(); row += static_cast<std::ptrdiff_t>(slots)) {
    std::sort(row, row + static_cast<std::ptrdiff_t>(slots));
  }
}

}  // namespace

void Examiner::read_routing(const ProbePoint& point) {
  routing_.expected = golden_.integers(call_, source(), point);
  routing_.logits = golden_.values(call_, source(), {Site::router_logits, point.layer});
  routing_.margin = golden_.router_margin(call_, *point.layer);
  routing_.tied.assign(routing_.margin.size(), false);
  // Where the engine has not shown them.
  if (routing_.logit_limit == 0.0) routing_.logit_limit = limits_.of_router_logits(call_, point.layer).max_abs;
}

void Examiner::tie(const ProbePoint& point, std::size_t token) {
  routing_.tied[token] = true;
  ++tied_tokens_;
  if (contamination_) contamination_->add_tie(*point.layer, token);
}

/// The golden's router logits of a token.
std::span<const double> Examiner::logits_of(std::size_t token) const {
  const std::size_t experts = routing_.logits.size() / routing_.margin.size();
  return std::span(routing_.logits).subspan(token * experts, experts);
}

void Examiner::record_decision(const ProbePoint& point, std::size_t token, std::string_view rule, Decision decision,
                               double margin) {
  const std::size_t slots = routing_.expected.size() / routing_.margin.size();
  decisions_.push_back({.call = call_,
                        .layer = *point.layer,
                        .token = token,
                        .rule = rule,
                        .decision = decision,
                        .margin = margin,
                        .bound = 2.0 * routing_.logit_limit,
                        .expected = row_of(routing_.expected, token, slots),
                        .actual = row_of(routing_.chosen, token, slots)});
  LayerRouting& record = routing_records_.back();
  --record.exact;
  ++(decision == Decision::tie ? record.ties : record.wrong);
}

void Examiner::judge_experts(SiteResult& result, const PlannedSite& site, const SiteValue& value) {
  const ProbePoint& point = site.point;
  const std::size_t tokens = value.shape[0];
  const std::size_t slots = value.shape[1];
  read_routing(point);
  const auto emitted = std::get<std::span<const std::int64_t>>(value.values);
  routing_.chosen.assign(emitted.begin(), emitted.end());
  std::vector<std::int64_t> actual = routing_.chosen;
  const RecordedRouting recorded{routing_.expected, routing_.logits, routing_.margin};
  const auto decisions = compare_experts(recorded, actual, routing_.logit_limit, slot_order_);
  routing_records_.push_back({.call = call_,
                              .layer = *point.layer,
                              .tokens = 0,
                              .exact = 0,
                              .ties = 0,
                              .wrong = 0,
                              .least_margin = std::numeric_limits<double>::max(),
                              .bound = 2.0 * routing_.logit_limit});

  result.verdict = Verdict::pass;
  // For the figures an accepted token counts as equal, so that only wrong decisions are differences.
  std::vector<std::int64_t> shown = actual;
  for (std::size_t token = 0; token < tokens; ++token) {
    if (!rows_.judges(call_, *point.layer, token)) {
      copy_row(routing_.expected, token, slots, shown);
      continue;
    }
    LayerRouting& record = routing_records_.back();
    ++record.tokens;
    ++record.exact;
    record.least_margin = std::min(record.least_margin, routing_.margin[token]);
    if (decisions[token] != Decision::same) {
      const auto [rule, margin] = rule_of(token, slots);
      record_decision(point, token, rule, decisions[token], margin);
    }
    if (decisions[token] == Decision::wrong) {
      result.verdict = Verdict::fail;
      continue;
    }
    copy_row(routing_.expected, token, slots, shown);
    if (decisions[token] == Decision::same) continue;
    // A tie: the engine goes on with the golden's experts, see inject().
    copy_row(routing_.expected, token, slots, actual);
    tie(point, token);
    result.verdict = worse(result.verdict, Verdict::tie);
  }
  if (options_.mode != Mode::free) actual = routing_.expected;
  const std::vector<std::int64_t> theirs =
      golden_.has(limits_.yardstick()) ? golden_.integers(call_, limits_.yardstick(), point) : routing_.expected;
  routing_.engine_slots = align_slots(routing_.expected, actual, tokens);
  routing_.hf32_slots = align_slots(routing_.expected, theirs, tokens);

  const std::vector<double> expected(routing_.expected.begin(), routing_.expected.end());
  actual_.assign(shown.begin(), shown.end());
  measure_at(rows_.places(call_, site), result, expected, value.shape, 0.0);
  if (slot_order_ == SlotOrder::free) sort_rows(shown, slots);
  actual_.assign(shown.begin(), shown.end());
  const auto their_decisions = compare_experts(recorded, theirs, 0.0, slot_order_);
  std::size_t flips = 0;
  for (std::size_t token = 0; token < tokens; ++token) {
    if (rows_.judges(call_, *point.layer, token) && their_decisions[token] != Decision::same) ++flips;
  }
  if (flips > 0) {
    result.note = fmt::format("transformers' own {} run routes {} tokens otherwise: the limits behind are wide",
                              limits_.yardstick() == Values::hf32 ? "float32" : "bfloat16", flips);
  }
  if (result.metrics.elements == 0) {
    result.verdict = Verdict::vacuous;
    result.note = why_nothing();
  }
}

/// Which decision a token with other experts made otherwise, and its margin.
std::pair<std::string_view, double> Examiner::rule_of(std::size_t token, std::size_t slots) const {
  const auto* config = std::get_if<PhimoeConfig>(&golden_.config());
  if (config == nullptr) return {"top k", routing_.margin[token]};
  const std::size_t rule = routing_.chosen[token * slots] != routing_.expected[token * slots] ? 0 : 2;
  return {phimoe_rules[rule], phimoe_margins(logits_of(token), config->router_jitter_noise)[rule]};
}

/// PhiMoE weighs only the experts within a band below the best: a score on its border may fall on either side, and
/// the weight jumps though the experts are the same. Such a token is a tie if the margin of just that band says so.
bool Examiner::excuse_tied_rows(const ProbePoint& point, const Limits& limit, const Shape& shape,
                                std::vector<double>& actual) {
  const auto* config = std::get_if<PhimoeConfig>(&golden_.config());
  if (config == nullptr || routing_.margin.empty()) return false;
  bool excused = false;
  const std::size_t slots = shape[1];
  for (std::size_t token = 0; token < shape[0]; ++token) {
    if (!rows_.judges(call_, *point.layer, token)) continue;
    const auto margins = phimoe_margins(logits_of(token), config->router_jitter_noise);
    std::vector<std::size_t> jumps;  // the decisions behind the weights that are off
    for (std::size_t slot = 0; slot < slots; ++slot) {
      const std::size_t i = token * slots + slot;
      if (!(std::abs(actual[i] - expected_[i]) <= limit.max_abs)) jumps.push_back(2 * slot + 1);
    }
    if (jumps.empty()) continue;
    if (!routing_.tied[token]) {
      const auto is_near = [&](std::size_t rule) { return margins[rule] <= 2.0 * routing_.logit_limit; };
      if (!std::ranges::all_of(jumps, is_near)) continue;
      record_decision(point, token, phimoe_rules[jumps.front()], Decision::tie, margins[jumps.front()]);
      tie(point, token);
    }
    excused = true;
    copy_row(expected_, token, slots, actual);
  }
  return excused;
}

}  // namespace assay::golden
