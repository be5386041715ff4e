// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a routing tie in recorded values has touched. An engine that runs goes on with the golden's experts behind a
// tie; recorded values have gone on with others, so what those reach differs from the golden and proves nothing. It
// is left out and counted. Not what an error has touched: that is what is looked for.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <vector>

#include "golden/format/golden_file.hpp"
#include "golden/judge/places.hpp"
#include "model/ids.hpp"

namespace assay::golden {

/// A tied token differs from its router weights on. Behind the next mixer every later token of its batch row may, since
/// all mixers are causal, and every padding token of the row: a query that sees no key attends to all of them alike. In
/// calls that continue, the whole row may, from the first layer on whose cache holds anything of it.
class Contamination {
 public:
  /// Borrows the golden.
  explicit Contamination(const GoldenFile& golden) : golden_(golden) {}

  /// Calls begin in their order, from the first on.
  void begin_call(CallIndex call);

  /// In the call that was begun last, row `token` of T = B*L has chosen other experts in this layer, and may.
  void add_tie(LayerIndex layer, std::size_t token);

  /// Whether the choice of experts of row `token` in this layer, in the call that was begun last, is none to judge by.
  [[nodiscard]] bool reaches(LayerIndex layer, std::size_t token) const;

  /// The elements of a site that nothing has touched; of a call that was not begun, all.
  [[nodiscard]] Places clean(CallIndex call, const PlannedSite& site) const;

  /// Marks of T in all layers of all calls so far whose output is left out.
  [[nodiscard]] std::size_t tokens() const;

 private:
  using Marks = std::vector<bool>;

  struct OfCall {
    std::map<std::size_t, std::set<std::size_t>> ties;  // layer -> rows of T
    std::vector<Marks> carried;                         // by layer: batch rows whose cache is touched
    [[nodiscard]] bool is_clean() const { return ties.empty() && carried.empty(); }
  };

  /// [T]: the rows that are touched where a layer begins, behind its mixer, and where it ends.
  struct InLayer {
    Marks before;
    Marks mixed;
    Marks after;
  };

  [[nodiscard]] std::size_t layers() const;
  [[nodiscard]] bool is_carried(const OfCall& call, std::size_t layer, std::size_t row) const;
  [[nodiscard]] Marks mixed(CallIndex call, std::size_t layer, const Marks& before) const;
  [[nodiscard]] InLayer in_layer(CallIndex call, std::size_t layer) const;
  [[nodiscard]] std::vector<Marks> left_by(CallIndex call) const;
  [[nodiscard]] Places clean_cache(CallIndex call, const PlannedSite& site, const Marks& before) const;
  [[nodiscard]] Places clean_tokens(CallIndex call, const PlannedSite& site, const Marks& touched) const;
  [[nodiscard]] Places clean_in_layer(CallIndex call, const PlannedSite& site) const;

  const GoldenFile& golden_;
  std::vector<OfCall> calls_;
};

}  // namespace assay::golden
