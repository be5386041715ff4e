// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Ways to spoil the value of a site in a model that runs.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "selftest/broken_model.hpp"
#include "selftest/meddled_engine.hpp"

namespace assay::selftest {

/// The values of sites that were emitted before, of the same layer, or of the model where the layer has none.
class Seen {
 public:
  void record(const Moment& moment, const MutableSiteValue& value);
  [[nodiscard]] const std::vector<double>& operator()(Site site) const;

 private:
  std::map<Site, std::vector<double>> values_;
};

using Recompute = std::function<void(const Moment&, const Seen&, std::vector<double>&)>;

/// From now on the model emits what `recompute` makes of `site`, wherever it has it.
void emit_instead(BrokenModel& model, Site site, Recompute recompute);

/// From now on the model goes on with what `recompute` makes of `site`, after it was judged.
void go_on_with(BrokenModel& model, Site site, Recompute recompute);

/// A site as a matrix: its last axis are the columns, all others together the rows.
struct Matrix {
  std::vector<double> values;
  std::size_t rows = 0;
  std::size_t columns = 0;

  [[nodiscard]] double& operator()(std::size_t row, std::size_t column) { return values[row * columns + column]; }
  /// The root mean square: sigma of what has no mean.
  [[nodiscard]] double sigma() const;
};

/// The model emits what `change` makes of this one site, and goes on with it.
void emit_at(BrokenModel& model, const Moment& where, std::function<void(Matrix&)> change);

/// The model goes on with what `change` makes of this one site, after it was judged.
void go_on_at(BrokenModel& model, const Moment& where, std::function<void(Matrix&)> change);

/// Each value of `site` that the model emits is that of the call before, in the same layer, where that has as many.
void emit_one_call_late(BrokenModel& model, Site site);

/// Exchanges the blocks `a` and `b` of `block` elements within each stretch of `stride` elements.
void swap_blocks(std::vector<double>& values, std::size_t stride, std::size_t block, std::size_t a, std::size_t b);

}  // namespace assay::selftest
