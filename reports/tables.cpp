// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "reports/diagnosis.hpp"
#include "reports/figures.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

using golden::CaseResult;
using golden::Decision;
using golden::EndToEnd;
using golden::LayerErrors;
using golden::LayerRouting;
using golden::Origin;
using golden::SiteResult;
using golden::TokenDecision;
using golden::Verdict;
using Align = Table::Column::Align;
using Tone = Table::Row::Tone;

std::string whole(std::size_t number) { return fmt::to_string(number); }

Tone tone_of(Origin origin) {
  if (origin == Origin::clean) return Tone::plain;
  return origin == Origin::inherited ? Tone::noted : Tone::wrong;
}

Tone tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return Tone::plain;
    case Verdict::tie:
    case Verdict::marginal:
    case Verdict::vacuous:
      return Tone::noted;
    case Verdict::missing:
    case Verdict::stale:
    case Verdict::fail:
    case Verdict::invalid:
      break;
  }
  return Tone::wrong;
}

Table::Row site_row(const SiteResult& site) {
  std::vector<std::string> cells{std::string(name(site.verdict)), site.layer ? whole(site.layer->value) : "",
                                 std::string(name(site.site)), whole(site.call.value)};
  if (was_compared(site)) {
    const golden::NoiseRatio* const ratio = worst_ratio(site);
    for (std::string cell :
         {has_digits(site) ? digits_text(site.digits) : "", headroom_text(used(site)),
          ratio == nullptr ? "" : ratio_place_text(*ratio), error_text(site.metrics.rel_l2),
          error_text(site.limit_rel_l2), error_text(site.metrics.max_abs), error_text(site.limit_max_abs)}) {
      cells.push_back(std::move(cell));
    }
  } else {
    cells.resize(cells.size() + 7);
  }
  cells.push_back(printable(site.note));
  return {std::move(cells), tone_of(site.verdict)};
}

}  // namespace

Table routing_table(const CaseResult& result) {
  Table table{
      "Routing",
      "Choices of experts by layer: as in the golden, proven ties, and wrong ones. The least margin is how "
      "close the golden's own router logits come to deciding otherwise, the bound how far an engine's may be off.",
      {{"layer"}, {"call"}, {"tokens"}, {"EXACT"}, {"TIE"}, {"WRONG"}, {"least margin"}, {"bound"}},
      {}};
  for (const LayerRouting& layer : result.routing) {
    const Tone tone = layer.wrong > 0 ? Tone::wrong : layer.ties > 0 ? Tone::noted : Tone::plain;
    table.rows.push_back(
        {{whole(layer.layer.value), whole(layer.call.value), whole(layer.tokens), whole(layer.exact), whole(layer.ties),
          whole(layer.wrong), error_text(layer.least_margin), error_text(layer.bound)},
         tone});
  }
  return table;
}

Table decision_table(const CaseResult& result) {
  Table table{"Decisions",
              "Choices of experts that are not as in the golden. A margin within the bound proves a tie.",
              {{"decision", Align::left},
               {"layer"},
               {"call"},
               {"token"},
               {"rule", Align::left},
               {"expected", Align::left},
               {"found", Align::left},
               {"margin"},
               {"bound"}},
              {}};
  for (const TokenDecision& decision : result.decisions) {
    table.rows.push_back(
        {{std::string(name(decision.decision)), whole(decision.layer.value), whole(decision.call.value),
          whole(decision.token), printable(decision.rule), fmt::format("{}", fmt::join(decision.expected, " ")),
          fmt::format("{}", fmt::join(decision.actual, " ")), error_text(decision.margin), error_text(decision.bound)},
         decision.decision == Decision::wrong ? Tone::wrong : Tone::noted});
  }
  return table;
}

Table layer_ledger(const CaseResult& result) {
  Table table{"Layer ledger",
              "Shares of the limits: what comes into a layer and what leaves it in the free run, and the largest that "
              "its sites have of their own, from right inputs.",
              {{"layer"}, {"call"}, {"in"}, {"out"}, {"own"}, {"at", Align::left}, {"origin", Align::left}},
              {}};
  for (const LayerErrors& layer : result.layers) {
    table.rows.push_back({{whole(layer.layer.value), whole(layer.call.value), used_text(layer.in), used_text(layer.out),
                           used_text(layer.own), std::string(name(layer.worst)), std::string(name(layer.origin))},
                          tone_of(layer.origin)});
  }
  return table;
}

Table end_to_end_table(const CaseResult& result) {
  Table table{"End to end",
              "What the logits are used for: the divergence of the distributions, in nats, and whether the best token "
              "is the same.",
              {{"call"}, {"rows"}, {"KL mean"}, {"gate"}, {"KL max"}, {"gate"}, {"top-1 same"}, {"ties"}, {"wrong"}},
              {}};
  for (const EndToEnd& outcome : result.end_to_end) {
    const Tone tone = !holds(outcome) ? Tone::wrong : outcome.top1_ties > 0 ? Tone::noted : Tone::plain;
    table.rows.push_back(
        {{whole(outcome.call.value), whole(outcome.rows), error_text(outcome.kl_mean), error_text(outcome.kl_mean_gate),
          error_text(outcome.kl_max), error_text(outcome.kl_max_gate), whole(outcome.top1_same),
          whole(outcome.top1_ties), whole(outcome.top1_wrong)},
         tone});
  }
  return table;
}

Table site_table(const CaseResult& result, std::size_t least, std::size_t most) {
  Table table{"Sites",
              "Those that do not plainly pass, and those with the least headroom.",
              {{"verdict", Align::left},
               {"layer"},
               {"site", Align::left},
               {"call"},
               {"digits"},
               {"headroom"},
               {"noise", Align::left},
               {"rel_l2"},
               {"limit"},
               {"max_abs"},
               {"limit"},
               {"note", Align::left}},
              {}};
  std::vector<std::size_t> order(result.sites.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto importance = [&](std::size_t at) {
    const SiteResult& site = result.sites[at];
    return std::pair(site.verdict, was_compared(site) ? used(site) : 0.0);
  };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return importance(a) > importance(b); });
  const auto passes = [&](std::size_t at) { return result.sites[at].verdict == Verdict::pass; };
  const auto broken = static_cast<std::size_t>(std::ranges::find_if(order, passes) - order.begin());
  order.resize(std::min({std::max(broken, least), most, order.size()}));
  std::ranges::sort(order);
  for (const std::size_t at : order) table.rows.push_back(site_row(result.sites[at]));
  return table;
}

}  // namespace assay::reports
