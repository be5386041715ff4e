// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/real_rows.hpp"

#include <algorithm>
#include <utility>

#include "golden/judge/contamination.hpp"
#include "model/call.hpp"

namespace assay::golden {
bool RealRows::Tokens::any_row(std::size_t token) const {
  for (std::size_t at = token; at < real.size(); at += length) {
    if (real[at]) return true;
  }
  return false;
}

bool RealRows::Tokens::any_token(std::size_t row) const {
  for (std::size_t token = 0; token < length; ++token) {
    if (real[row * length + token]) return true;
  }
  return false;
}

RealRows::RealRows(const GoldenFile& golden, Rows rows) : golden_(golden) {
  if (rows == Rows::all) return;
  for (const RecordedCall& call : golden.calls()) {
    calls_.push_back(tokens_of(call, calls_.empty() ? nullptr : &calls_.back()));
  }
}

RealRows::Tokens RealRows::tokens_of(const RecordedCall& call, const Tokens* before) {
  Tokens tokens{call.length(), call.past + call.length(), {}, {}};
  for (std::size_t row = 0; row < call.batch(); ++row) {
    for (std::size_t key = 0; key < call.past; ++key) {
      // What a cache that was handed over began with is not known: its values are inputs.
      tokens.real_key.push_back(!call.continues || before->real_key[row * call.past + key]);
    }
    for (std::size_t token = 0; token < call.length(); ++token) {
      const bool real = !call.is_padding(row, token);
      tokens.real.push_back(real);
      tokens.real_key.push_back(real);
    }
  }
  return tokens;
}

bool RealRows::is_real(CallIndex call, std::size_t token) const {
  return calls_.empty() || calls_[call.value].real[token];
}

bool RealRows::judges(CallIndex call, LayerIndex layer, std::size_t token) const {
  return is_real(call, token) && (contamination_ == nullptr || !contamination_->reaches(layer, token));
}

std::size_t RealRows::tokens(CallIndex call) const {
  const RecordedCall& recorded = golden_.calls()[call.value];
  if (calls_.empty()) return recorded.batch() * recorded.length();
  return static_cast<std::size_t>(std::ranges::count(calls_[call.value].real, true));
}

bool RealRows::predicts_from_padding(CallIndex call) const {
  const RecordedCall& recorded = golden_.calls()[call.value];
  const Tokens& tokens = calls_[call.value];
  if (!recorded.labels || common(golden_.config()).head != Head::causal_lm) return false;
  for (std::size_t row = 0; row < recorded.batch(); ++row) {
    for (std::size_t token = 0; token + 1 < tokens.length; ++token) {
      const bool is_target = (*recorded.labels)(row, token + 1) != no_target;
      if (is_target && !tokens.real[row * tokens.length + token]) return true;
    }
  }
  return false;
}

Places RealRows::places(CallIndex call, const PlannedSite& site) const {
  Places real = real_places(call, site);
  return contamination_ == nullptr ? real : both(std::move(real), contamination_->clean(call, site));
}

Places RealRows::real_places(CallIndex call, const PlannedSite& site) const {
  if (calls_.empty()) return std::nullopt;
  const Tokens& tokens = calls_[call.value];
  if (std::ranges::find(tokens.real_key, false) == tokens.real_key.end()) return std::nullopt;
  const std::size_t count = elements(site.shape);
  const std::optional<Axis> batch = axis_of(site, "batch");
  const std::optional<Axis> token = axis_of(site, "token");
  const std::optional<Axis> key = axis_of(site, "key");
  if (token && batch) {
    const Call borrowed = golden_.calls()[call.value].call();
    const bool shared = batch->extent == 1;  // one row of positions for all rows
    return places_where(count, [&](std::size_t i) {
      const std::size_t at = token->index(i);
      const std::size_t of_call = site.point.site == Site::logits ? borrowed.kept_token(at) : at;
      return shared ? tokens.any_row(of_call) : bool{tokens.real[batch->index(i) * tokens.length + of_call]};
    });
  }
  if (token) return places_where(count, [&](std::size_t i) { return bool{tokens.real[token->index(i)]}; });
  if (key && batch) {
    const std::size_t dropped = tokens.seen - key->extent;  // by a sliding window
    return places_where(count, [&](std::size_t i) {
      return bool{tokens.real_key[batch->index(i) * tokens.seen + dropped + key->index(i)]};
    });
  }
  if (site.point.site == Site::pooled_logits) {
    return places_where(count, [&](std::size_t i) { return tokens.any_token(batch->index(i)); });
  }
  if (site.point.site == Site::loss && predicts_from_padding(call)) return std::vector<std::size_t>{};
  return std::nullopt;
}

}  // namespace assay::golden
