// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Holds a file against the sites that its config prescribes, and collects all that is wrong before it complains.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/files/hdf5.hpp"
#include "model/ids.hpp"
#include "model/site_plan.hpp"

namespace assay::golden {

/// "/calls/000/truth/layers/002/router_margin"; `group` is "truth", or "hf32" of a golden without truth.
[[nodiscard]] std::string margin_path(CallIndex call, std::string_view group, LayerIndex layer);

/// The sites that the judge reads for this one.
[[nodiscard]] std::vector<Site> judged_by(Site site);

class SiteCheck {
 public:
  /// `not_recorded` are the sites that the file says it does not hold. Borrows both.
  SiteCheck(const Hdf5Reader& reader, std::span<const Site> not_recorded)
      : reader_(reader), not_recorded_(not_recorded) {}

  /// Every site in `group`, of `floating` where it is no integer.
  void values(CallIndex call, const std::vector<PlannedSite>& sites, std::string_view group, DType floating);

  /// The sites that are in `group`, of whichever type a dump may hold them in.
  void dump_values(CallIndex call, const std::vector<PlannedSite>& sites, std::string_view group);

  /// That what is recorded of a call can be judged: without the logits of a router no tie can be proven, without its
  /// choices no expert's values be told apart; the limits of a loss come from those of the logits.
  void requirements(const std::vector<PlannedSite>& sites) const;

  /// The router margins of the layers with experts, where the router is recorded.
  void margins(CallIndex call, const std::vector<PlannedSite>& sites, std::string_view group);

  /// One Error with a line for each problem, at most twenty.
  void throw_if_any() const;

 private:
  [[nodiscard]] bool records(Site site) const;
  void dataset(const std::string& path, DType dtype, const Shape& shape);

  const Hdf5Reader& reader_;
  std::span<const Site> not_recorded_;
  std::vector<std::string> problems_;
};

}  // namespace assay::golden
