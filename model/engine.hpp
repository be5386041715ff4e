// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What every engine is to those who test, time or run it.
#pragma once

#include <cstddef>
#include <string_view>

#include "model/call.hpp"
#include "model/probe.hpp"

namespace assay {

/// The type that an engine stores values in; it accumulates at least as precisely. The engines here have f32 and f64,
/// dumps of others may have bf16.
enum class Precision { f32, f64, bf16 };

[[nodiscard]] constexpr std::string_view name(Precision precision) {
  switch (precision) {
    case Precision::f32:
      return "f32";
    case Precision::f64:
      return "f64";
    case Precision::bf16:
      return "bf16";
  }
  return "?";
}

/// Bytes that an engine has taken for itself and not given back, used or not.
struct EngineMemory {
  std::size_t weights = 0;    ///< its own copy; 0 where it computes from the checkpoint's
  std::size_t cache = 0;      ///< keys and values, states of the convolutions and scans
  std::size_t workspace = 0;  ///< for what a call computes
};

class Engine {
 public:
  virtual ~Engine() = default;

  /// "reference" or "optimized".
  [[nodiscard]] virtual std::string_view engine_name() const = 0;
  [[nodiscard]] virtual Precision precision() const = 0;

  /// Whether the engine shows this site wherever the plan of a call has it. A path that fuses a site away says so here,
  /// the same for every call; what it claims and does not show is missing.
  [[nodiscard]] virtual bool provides(Site) const { return true; }

  /// Resets, and makes room for calls of up to `batch` rows of `tokens` tokens, one row of logits each, with
  /// a cache of up to `cache_tokens` a row: such calls then need no further memory. Throws Error where memory does not
  /// hold it. Does nothing by default.
  virtual void reserve(std::size_t /*batch*/, std::size_t /*tokens*/, std::size_t /*cache_tokens*/) {}

  [[nodiscard]] virtual EngineMemory memory() { return {}; }

  /// As newly built: empties the cache, and forgets what outlives one (see forward).
  virtual void reset() = 0;

  /// One forward call. A call that does not continue empties the cache first; with use_cache the engine keeps the
  /// new one. One thing outlives a cache, as it does in transformers: the rotary embedding of type `dynamic` goes on
  /// with the frequencies of the longest sequence since the last one below max_position_embeddings. Returns what the
  /// model's head gives, valid until the next call: the logits [B, kept_logits, V], the final norm [B, L, D] of a bare
  /// model, the pooled logits [B, num_labels] of a classification. Throws Error as check_call does.
  virtual SiteValue forward(const Call& call, const Probe& probe) = 0;
};

}  // namespace assay
