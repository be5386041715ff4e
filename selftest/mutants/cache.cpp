// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Extents: granitemoe_cache and phimoe_cache have B 2, KV 3, d 4 and 4 tokens in call 0; granitemoehybrid_cache has
// C 54, K 4; granitemoehybrid_dense K 3.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "selftest/mutants/mutants.hpp"
#include "selftest/rewrite.hpp"

namespace assay::selftest {
namespace {

/// Of [B, KV, S, d]: the entry of each position becomes that of the position before, the first zero.
void shift_positions(std::size_t positions, Matrix& cache) {
  for (std::size_t head = 0; head < cache.rows; head += positions) {
    const auto first = cache.values.begin() + static_cast<std::ptrdiff_t>(head * cache.columns);
    const auto last = first + static_cast<std::ptrdiff_t>(positions * cache.columns);
    std::move_backward(first, last - static_cast<std::ptrdiff_t>(cache.columns), last);
    std::fill_n(first, cache.columns, 0.0);
  }
}

/// Of [B, KV, S, d]: zero at one position.
void forget_position(std::size_t positions, std::size_t which, Matrix& cache) {
  for (std::size_t row = which; row < cache.rows; row += positions) {
    for (std::size_t i = 0; i < cache.columns; ++i) cache(row, i) = 0.0;
  }
}

void lose(Matrix& state) { std::ranges::fill(state.values, 0.0); }

/// Of [B, C, K]: each column becomes that of the token after, the newest zero.
void shift_window(Matrix& window) {
  for (std::size_t row = 0; row < window.rows; ++row) {
    for (std::size_t i = 0; i + 1 < window.columns; ++i) window(row, i) = window(row, i + 1);
    window(row, window.columns - 1) = 0.0;
  }
}

/// From `first_call` to before `end_call` tokens are said to stand at `first`, `first` + 1, ...
void count_from(BrokenModel& m, std::size_t first_call, std::size_t end_call, std::int64_t first) {
  m.meddling.call_change = [=, positions = std::make_shared<std::vector<std::int64_t>>()](CallIndex index, Call& call) {
    if (index.value < first_call || index.value >= end_call) return;
    positions->clear();
    for (std::size_t l = 0; l < call.length(); ++l) positions->push_back(first + static_cast<std::int64_t>(l));
    call.position_ids = View<const std::int64_t, 2>(positions->data(), {1, positions->size()});
  };
}

/// Call 2 of granitemoe_cache has one token a row.
void swap_batch_rows_of_a_call(BrokenModel& m) {
  m.meddling.call_change = [ids = std::make_shared<std::vector<std::int64_t>>()](CallIndex index, Call& call) {
    if (index.value != 2) return;
    *ids = {call.input_ids(1, 0), call.input_ids(0, 0)};
    call.input_ids = View<const std::int64_t, 2>(ids->data(), {2, 1});
  };
}

std::vector<Mutant> attention_caches() {
  return {
      {"keys-written-at-pos-plus-1", "each key is kept one position too late", no_trap, "granitemoe_cache",
       in_layer(0, 0, Site::cache_k),
       [](BrokenModel& m) { emit_at(m, in_layer(0, 0, Site::cache_k), [](Matrix& k) { shift_positions(4, k); }); }},
      {"values-written-at-pos-plus-1", "each value is kept one position too late, in one layer", no_trap,
       "granitemoeshared_cache", in_layer(0, 1, Site::cache_v),
       [](BrokenModel& m) { emit_at(m, in_layer(0, 1, Site::cache_v), [](Matrix& v) { shift_positions(4, v); }); }},
      {"new-value-not-written", "a decode step leaves the new value's place empty", no_trap, "phimoe_cache",
       in_layer(1, 1, Site::cache_v),
       [](BrokenModel& m) { emit_at(m, in_layer(1, 1, Site::cache_v), [](Matrix& v) { forget_position(5, 4, v); }); }},
      {"off-by-one-cache", "a decode step starts from a cache without its last key", no_trap, "phimoe_cache",
       in_layer(1, 0, Site::attn_scores),
       [](BrokenModel& m) { go_on_at(m, in_layer(0, 0, Site::cache_k), [](Matrix& k) { forget_position(4, 3, k); }); }},
      {"oldest-value-lost", "a decode step starts from a cache without its first value", no_trap,
       "granitemoehybrid_cache", in_layer(1, 1, Site::attn_out),
       [](BrokenModel& m) { go_on_at(m, in_layer(0, 1, Site::cache_v), [](Matrix& v) { forget_position(4, 0, v); }); }},
      {"keys-lost", "the keys of a layer are lost between calls", no_trap, "granitemoe_cache",
       in_layer(1, 0, Site::attn_scores), [](BrokenModel& m) { go_on_at(m, in_layer(0, 0, Site::cache_k), lose); }},
      {"values-lost", "the values of a layer are lost between calls", no_trap, "granitemoe_cache",
       in_layer(1, 0, Site::attn_out), [](BrokenModel& m) { go_on_at(m, in_layer(0, 0, Site::cache_v), lose); }},
      {"window-does-not-slide", "the kept keys of a sliding window are those of the call before", no_trap,
       "phimoe_sliding_window", in_layer(1, 0, Site::cache_k),
       [](BrokenModel& m) { emit_one_call_late(m, Site::cache_k); }},
      {"cache-never-continues", "every call starts with an empty cache", no_trap, "granitemoe_cache",
       in_model(1, Site::rope_cos),
       [](BrokenModel& m) { m.meddling.call_change = [](CallIndex, Call& call) { call.continues = false; }; }},
      {"batch-rows-of-a-call-swapped", "a decode step gets its batch rows in another order", no_trap,
       "granitemoe_cache", in_model(2, Site::embed_out), swap_batch_rows_of_a_call},
  };
}

std::vector<Mutant> positions() {
  return {
      {"rope-off-by-one", "positions are counted from one", no_trap, "granitemoeshared_prefill",
       in_model(0, Site::rope_cos), [](BrokenModel& m) { count_from(m, 0, 1, 1); }},
      {"decode-rope-off-by-one", "a decode step counts one position too far", no_trap, "phimoe_cache",
       in_model(1, Site::rope_cos), [](BrokenModel& m) { count_from(m, 1, 2, 5); }},
      {"decode-positions-from-zero", "every call counts its positions from zero", no_trap, "granitemoe_cache",
       in_model(1, Site::rope_cos), [](BrokenModel& m) { count_from(m, 1, 6, 0); }},
      {"dynamic-rope-forgets", "dynamic RoPE forgets the longest sequence so far", 17,
       "granitemoehybrid_rope_dynamic_memory", in_model(1, Site::rope_inv_freq),
       [](BrokenModel& m) { m.meddling.forgets = true; }},
      {"longrope-of-4.56", "longrope switches to its long factors, as transformers 4.56.2 does", 16,
       "phimoe_rope_longrope_switch", in_model(2, Site::rope_inv_freq),
       [](BrokenModel& m) { m.config<PhimoeConfig>().longrope = PhimoeLongrope::hf4; }},
  };
}

std::vector<Mutant> mamba_states() {
  return {
      {"ssm-state-of-the-call-before", "the state of the scan does not advance", no_trap, "granitemoehybrid_cache",
       in_layer(1, 0, Site::ssm_state), [](BrokenModel& m) { emit_one_call_late(m, Site::ssm_state); }},
      {"conv-state-of-the-call-before", "the window of the convolution does not advance", no_trap,
       "granitemoehybrid_cache", in_layer(1, 0, Site::conv_state),
       [](BrokenModel& m) { emit_one_call_late(m, Site::conv_state); }},
      {"conv-state-shifted", "the window of the convolution is shifted by one token", no_trap, "granitemoehybrid_cache",
       in_layer(0, 0, Site::conv_state),
       [](BrokenModel& m) { emit_at(m, in_layer(0, 0, Site::conv_state), shift_window); }},
      {"conv-state-one-column-short", "the window of the convolution keeps K - 1 tokens", 32, "granitemoehybrid_dense",
       in_layer(0, 0, Site::conv_state),
       [](BrokenModel& m) {
         emit_at(m, in_layer(0, 0, Site::conv_state), [](Matrix& window) {
           for (std::size_t row = 0; row < window.rows; ++row) window(row, 0) = 0.0;
         });
       }},
      {"conv-state-lost", "the window of the convolution is lost between calls", no_trap, "granitemoehybrid_cache",
       in_layer(1, 0, Site::conv_out), [](BrokenModel& m) { go_on_at(m, in_layer(0, 0, Site::conv_state), lose); }},
      {"ssm-state-lost", "the state of the scan is lost between calls", no_trap, "granitemoehybrid_cache",
       in_layer(1, 0, Site::ssm_out), [](BrokenModel& m) { go_on_at(m, in_layer(0, 0, Site::ssm_state), lose); }},
      {"ssm-state-of-another-row", "a batch row goes on with the state of another", no_trap, "granitemoehybrid_dense",
       in_layer(1, 0, Site::ssm_out),
       [](BrokenModel& m) {
         go_on_at(m, in_layer(0, 0, Site::ssm_state), [](Matrix& state) {
           const auto half = static_cast<std::ptrdiff_t>(state.values.size() / 2);
           std::copy_n(state.values.begin(), half, state.values.begin() + half);
         });
       }},
  };
}

}  // namespace

std::vector<Mutant> cache_mutants() {
  std::vector<Mutant> all;
  for (const auto& list : {attention_caches, positions, mamba_states}) {
    for (Mutant& mutant : list()) all.push_back(std::move(mutant));
  }
  return all;
}

}  // namespace assay::selftest
