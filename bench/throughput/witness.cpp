// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/throughput/witness.hpp"

#include <set>

namespace assay::bench {

Witness::Witness(const Config& config) : width_(common(config).hidden_size) {
  const TransformerConfig& base = common(config);
  if (base.num_local_experts == 0) return;
  chosen_.assign(base.num_hidden_layers, std::vector<std::uint64_t>(base.num_local_experts));
  used_.assign(base.num_hidden_layers, 0.0);
}

void Witness::observe(const ProbePoint& point, const SiteValue& value) {
  if (point.site == Site::router_experts && point.layer) count(value, *point.layer);
  if (point.site != Site::final_norm_out) return;
  Hidden call{value.shape[1], {}};
  std::visit([&](const auto& values) { call.values.assign(values.begin(), values.end()); }, value.values);
  tokens_ += call.length;
  hidden_.push_back(std::move(call));
}

void Witness::count(const SiteValue& experts, LayerIndex layer) {
  std::set<std::size_t> used;
  std::visit(
      [&](const auto& values) {
        for (const auto expert : values) {
          ++chosen_[layer.value][static_cast<std::size_t>(expert)];
          used.insert(static_cast<std::size_t>(expert));
        }
      },
      experts.values);
  used_[layer.value] += static_cast<double>(used.size());
}

std::span<const double> Witness::hidden(std::size_t row, std::size_t token) const {
  for (const Hidden& call : hidden_) {
    if (token < call.length) {
      return std::span(call.values).subspan((row * call.length + token) * width_, width_);
    }
    token -= call.length;
  }
  return {};
}

std::vector<double> Witness::experts_used() const {
  std::vector<double> mean = used_;
  for (double& used : mean) used /= static_cast<double>(hidden_.size());
  return mean;
}

}  // namespace assay::bench
