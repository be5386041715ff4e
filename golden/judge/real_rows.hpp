// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which elements of a site belong to padding: to a token of its call whose entry in attention_mask is 0. transformers
// computes those, too, but what comes out is an accident of its eager attention that nobody reads.
#pragma once

#include <cstddef>
#include <vector>

#include "golden/format/golden_file.hpp"
#include "golden/judge/places.hpp"
#include "golden/judge/result.hpp"
#include "model/site_plan.hpp"

namespace assay::golden {

class Contamination;

class RealRows {
 public:
  /// With Rows::all nothing is padding. Borrows the golden.
  RealRows(const GoldenFile& golden, Rows rows);

  /// From now on places() leaves out what this holds as well; borrowed.
  void leave_out(const Contamination* contamination) { contamination_ = contamination; }

  /// The elements of a site that are judged: of real_places() those that nothing of leave_out() has touched.
  [[nodiscard]] Places places(CallIndex call, const PlannedSite& site) const;

  /// The elements of a site that belong to no padding: by the token where the site has such an axis, by the key in a
  /// cache, by the whole sequence in pooled_logits. A loss is left out where a padding token predicts a target.
  [[nodiscard]] Places real_places(CallIndex call, const PlannedSite& site) const;

  /// Whether row `token` of T = B*L is no padding.
  [[nodiscard]] bool is_real(CallIndex call, std::size_t token) const;

  /// Whether the choice of experts of row `token` in this layer is judged: it is real, and nothing has touched it.
  [[nodiscard]] bool judges(CallIndex call, LayerIndex layer, std::size_t token) const;

  /// Tokens of the call that are no padding.
  [[nodiscard]] std::size_t tokens(CallIndex call) const;

 private:
  /// What of a call is padding.
  struct Tokens {
    std::size_t length = 0;      ///< L
    std::size_t seen = 0;        ///< past + L
    std::vector<bool> real;      // [B, L]
    std::vector<bool> real_key;  // [B, past + L]: by the mask of the call that brought it
    [[nodiscard]] bool any_row(std::size_t token) const;
    [[nodiscard]] bool any_token(std::size_t row) const;
  };

  [[nodiscard]] static Tokens tokens_of(const RecordedCall& call, const Tokens* before);
  [[nodiscard]] bool predicts_from_padding(CallIndex call) const;

  const GoldenFile& golden_;
  std::vector<Tokens> calls_;  // empty with Rows::all
  const Contamination* contamination_ = nullptr;
};

}  // namespace assay::golden
