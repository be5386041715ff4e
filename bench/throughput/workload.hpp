// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What is timed: calls that process a prompt, and calls that process one token after the other, on a cache of some
// depth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace assay::bench {

enum class Kind { prefill, decode };

/// "prefill" or "decode"
[[nodiscard]] std::string_view name(Kind kind);

struct Workload {
  Kind kind = Kind::prefill;
  std::size_t batch = 1;
  std::size_t depth = 0;   ///< tokens of a row that are in the cache before
  std::size_t tokens = 0;  ///< of a row: of the one call of a prefill, or the calls of a decode

  bool operator==(const Workload&) const = default;

  /// Calls that are timed.
  [[nodiscard]] std::size_t calls() const { return kind == Kind::prefill ? 1 : tokens; }
  /// Tokens of a row in a call.
  [[nodiscard]] std::size_t length() const { return kind == Kind::prefill ? tokens : 1; }
};

/// "prefill/tokens:512/depth:0/batch:1"
[[nodiscard]] std::string name(const Workload& workload);

struct Wanted {
  std::vector<std::size_t> prompts{512};
  std::size_t decode = 64;  ///< 0: nothing is decoded
  std::vector<std::size_t> depths{0};
  std::vector<std::size_t> batches{1};
};

/// Prefills and a decode for each batch and depth.
[[nodiscard]] std::vector<Workload> workloads(const Wanted& wanted);

/// The token ids of all workloads: of row `row` that at `position`, the same in every run. Random, so that tokens
/// spread over the experts as those of a text do, and not those that a greedy model of random weights would repeat.
[[nodiscard]] std::int64_t token_id(std::size_t row, std::size_t position, std::size_t vocab_size);

}  // namespace assay::bench
