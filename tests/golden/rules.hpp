// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Rules of the four architectures, each with a way to break it and the site where that must show.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/broken_model.hpp"

namespace assay::test {

/// Whether float32 can tell: some rules are finer than its rounding.
enum class Size { visible_in_float32, below_float32 };

struct Rule {
  std::string name;    ///< what is wrong, as part of a test's name
  std::string golden;  ///< the case that shows it
  std::string site;    ///< where: "call 0 layer 0 q_proj"
  std::function<void(BrokenModel&)> break_it;
  Size size = Size::visible_in_float32;

  friend void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name << " in " << rule.golden; }
};

[[nodiscard]] std::vector<Rule> attention_rules();
[[nodiscard]] std::vector<Rule> expert_rules();
[[nodiscard]] std::vector<Rule> mamba_rules();
[[nodiscard]] std::vector<Rule> model_rules();

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

/// Exchanges the blocks `a` and `b` of `block` elements within each stretch of `stride` elements.
void swap_blocks(std::vector<double>& values, std::size_t stride, std::size_t block, std::size_t a, std::size_t b);

}  // namespace assay::test
