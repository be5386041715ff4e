// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/contamination.hpp"

#include <algorithm>
#include <cassert>

namespace assay::golden {
namespace {

/// Where in a layer a site is, seen from what contaminates.
enum class Stage {
  untouched,  ///< depends on ids, positions and masks alone
  before,     ///< token by token from the layer's input
  cache,      ///< the keys and values, token by token from the layer's input
  state,      ///< of a whole row
  mixed,      ///< behind the mixer, before the experts' part
  after,      ///< the experts' part and the layer's output
};

Stage stage_of(Site site) {
  switch (site) {
    case Site::embed_out:
    case Site::rope_inv_freq:
    case Site::rope_cos:
    case Site::rope_sin:
    case Site::attn_visible:
      return Stage::untouched;
    case Site::attn_norm_out:
    case Site::q_proj:
    case Site::k_proj:
    case Site::v_proj:
    case Site::q_rope:
    case Site::k_rope:
    case Site::in_proj:
      return Stage::before;
    case Site::cache_k:
    case Site::cache_v:
      return Stage::cache;
    case Site::conv_state:
    case Site::ssm_state:
      return Stage::state;
    case Site::router_weights:
    case Site::expert_gate_up:
    case Site::expert_act:
    case Site::expert_out:
    case Site::moe_out:
    case Site::layer_out:
      return Stage::after;
    default:
      return Stage::mixed;
  }
}

bool any(const std::vector<bool>& rows) { return std::ranges::find(rows, true) != rows.end(); }

/// [B]: the batch rows with a touched token among `tokens` [T].
std::vector<bool> any_by_row(const std::vector<bool>& tokens, std::size_t batch, std::size_t length) {
  std::vector<bool> rows(batch);
  for (std::size_t i = 0; i < tokens.size(); ++i) rows[i / length] = rows[i / length] || tokens[i];
  return rows;
}

Places none() { return std::vector<std::size_t>{}; }

}  // namespace

std::size_t Contamination::layers() const { return common(golden_.config()).num_hidden_layers; }

void Contamination::begin_call(CallIndex call) {
  assert(call.value == calls_.size() && "calls in their order");
  OfCall next;
  if (golden_.calls()[call.value].continues) next.carried = left_by({call.value - 1});
  calls_.push_back(std::move(next));
}

void Contamination::add_tie(LayerIndex layer, std::size_t token) { calls_.back().ties[layer.value].insert(token); }

bool Contamination::reaches(LayerIndex layer, std::size_t token) const {
  if (calls_.back().is_clean()) return false;
  return in_layer({calls_.size() - 1}, layer.value).mixed[token];
}

bool Contamination::is_carried(const OfCall& call, std::size_t layer, std::size_t row) const {
  return !call.carried.empty() && call.carried[layer][row];
}

/// Padding is no key to real tokens, and Mamba2 sets it to zero, but not in a batch of one
/// (apply_mask_to_padding_states, transformers 5.23.0).
Contamination::Marks Contamination::mixed(CallIndex call, std::size_t layer, const Marks& before) const {
  const RecordedCall& recorded = golden_.calls()[call.value];
  const std::size_t length = recorded.length();
  const bool padding_spreads =
      std::holds_alternative<GraniteMoeHybridConfig>(golden_.config()) && recorded.batch() == 1;
  const Marks in_row = any_by_row(before, recorded.batch(), length);
  Marks touched = before;
  for (std::size_t row = 0; row < recorded.batch(); ++row) {
    bool spreads = is_carried(calls_[call.value], layer, row);
    const bool any_before = spreads || in_row[row];
    for (std::size_t token = 0; token < length; ++token) {
      const std::size_t at = row * length + token;
      const bool padding = recorded.is_padding(row, token);
      spreads = spreads || (before[at] && (!padding || padding_spreads));
      touched[at] = before[at] || spreads || (padding && any_before);
    }
  }
  return touched;
}

Contamination::InLayer Contamination::in_layer(CallIndex call, std::size_t layer) const {
  const RecordedCall& recorded = golden_.calls()[call.value];
  const OfCall& of_call = calls_[call.value];
  InLayer at;
  at.after.assign(recorded.batch() * recorded.length(), false);
  for (std::size_t i = 0; i <= layer; ++i) {
    at.before = at.after;
    at.mixed = mixed(call, i, at.before);
    at.after = at.mixed;
    if (const auto ties = of_call.ties.find(i); ties != of_call.ties.end()) {
      for (const std::size_t token : ties->second) at.after[token] = true;
    }
  }
  return at;
}

/// By layer, the batch rows whose cache is touched when the call is done; empty where there is none.
std::vector<Contamination::Marks> Contamination::left_by(CallIndex call) const {
  const OfCall& of_call = calls_[call.value];
  if (of_call.is_clean()) return {};
  const RecordedCall& recorded = golden_.calls()[call.value];
  std::vector<Marks> left;
  for (std::size_t layer = 0; layer < layers(); ++layer) {
    Marks rows = any_by_row(in_layer(call, layer).before, recorded.batch(), recorded.length());
    for (std::size_t row = 0; row < rows.size(); ++row) rows[row] = rows[row] || is_carried(of_call, layer, row);
    left.push_back(std::move(rows));
  }
  return left;
}

/// `touched` [T] by the token that an element belongs to.
Places Contamination::clean_tokens(CallIndex call, const PlannedSite& site, const Marks& touched) const {
  const std::size_t count = elements(site.shape);
  const std::optional<Axis> batch = axis_of(site, "batch");
  const std::optional<Axis> token = axis_of(site, "token");
  const RecordedCall& recorded = golden_.calls()[call.value];
  if (!any(touched)) return std::nullopt;
  if (token && !batch) return places_where(count, [&](std::size_t i) { return !touched[token->index(i)]; });
  if (token) {
    const Call borrowed = recorded.call();
    return places_where(count, [&](std::size_t i) {
      const std::size_t at = token->index(i);
      const std::size_t of_call = site.point.site == Site::logits ? borrowed.kept_token(at) : at;
      return !touched[batch->index(i) * recorded.length() + of_call];
    });
  }
  if (!batch) return none();  // a loss: it hangs on every token
  const Marks rows = any_by_row(touched, recorded.batch(), recorded.length());
  return places_where(count, [&](std::size_t i) { return !rows[batch->index(i)]; });
}

Places Contamination::clean_cache(CallIndex call, const PlannedSite& site, const Marks& before) const {
  const RecordedCall& recorded = golden_.calls()[call.value];
  const OfCall& of_call = calls_[call.value];
  const Axis batch = *axis_of(site, "batch");
  const Axis key = *axis_of(site, "key");
  const std::size_t dropped = recorded.past + recorded.length() - key.extent;  // by a sliding window
  return places_where(elements(site.shape), [&](std::size_t i) {
    const std::size_t row = batch.index(i);
    const std::size_t at = dropped + key.index(i);
    if (at < recorded.past) return !is_carried(of_call, site.point.layer->value, row);
    return !before[row * recorded.length() + at - recorded.past];
  });
}

Places Contamination::clean_in_layer(CallIndex call, const PlannedSite& site) const {
  const std::size_t layer = site.point.layer->value;
  const InLayer at = in_layer(call, layer);
  switch (stage_of(site.point.site)) {
    case Stage::untouched:
      return std::nullopt;
    case Stage::before:
      return clean_tokens(call, site, at.before);
    case Stage::cache:
      return clean_cache(call, site, at.before);
    case Stage::state: {
      const Axis batch = *axis_of(site, "batch");
      const RecordedCall& recorded = golden_.calls()[call.value];
      const Marks rows = any_by_row(at.before, recorded.batch(), recorded.length());
      return places_where(elements(site.shape), [&](std::size_t i) {
        const std::size_t row = batch.index(i);
        return !rows[row] && !is_carried(calls_[call.value], layer, row);
      });
    }
    case Stage::mixed:
      return clean_tokens(call, site, at.mixed);
    case Stage::after:
      return clean_tokens(call, site, at.after);
  }
  return std::nullopt;
}

Places Contamination::clean(CallIndex call, const PlannedSite& site) const {
  if (call.value >= calls_.size() || calls_[call.value].is_clean()) return std::nullopt;
  if (site.point.layer) return clean_in_layer(call, site);
  if (stage_of(site.point.site) == Stage::untouched) return std::nullopt;
  // What is touched stays so from layer to layer: the last one knows it all, for the tuples of layers as well.
  return clean_tokens(call, site, in_layer(call, layers() - 1).after);
}

std::size_t Contamination::tokens() const {
  std::size_t count = 0;
  for (std::size_t call = 0; call < calls_.size(); ++call) {
    if (calls_[call].is_clean()) continue;
    for (std::size_t layer = 0; layer < layers(); ++layer) {
      count += static_cast<std::size_t>(std::ranges::count(in_layer({call}, layer).after, true));
    }
  }
  return count;
}

}  // namespace assay::golden
