// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/layer_errors.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace assay::golden {
namespace {

constexpr double growth_of_amplification = 2.0;

using Place = std::pair<std::size_t, std::size_t>;  // {call, layer}

Origin origin_of(const LayerErrors& layer) {
  if (!(layer.own <= 1.0)) return Origin::introduced;
  if (layer.out <= 1.0) return Origin::clean;
  return layer.out > growth_of_amplification * std::max(layer.in, 0.5) ? Origin::amplified : Origin::inherited;
}

}  // namespace

std::vector<LayerErrors> layer_errors(std::span<const SiteResult> free, std::span<const SiteResult> injected) {
  std::map<Place, LayerErrors> layers;
  std::map<std::size_t, double> reached;  // by call: the error of what the next layer reads
  for (const SiteResult& site : free) {
    if (site.site == Site::embed_out) reached[site.call.value] = share_used(site);
    if (!site.layer) continue;
    const auto [place, is_new] = layers.try_emplace({site.call.value, site.layer->value});
    LayerErrors& layer = place->second;
    if (is_new) {
      layer.call = site.call;
      layer.layer = *site.layer;
      layer.in = reached[site.call.value];
    }
    if (site.site == Site::layer_out) reached[site.call.value] = layer.out = share_used(site);
  }
  for (const SiteResult& site : injected) {
    if (!site.layer) continue;
    const auto place = layers.find({site.call.value, site.layer->value});
    if (place == layers.end()) continue;
    const double share = share_used(site);
    if (share <= place->second.own) continue;
    place->second.own = share;
    place->second.worst = site.site;
  }
  std::vector<LayerErrors> result;
  for (auto& [place, layer] : layers) {
    layer.origin = origin_of(layer);
    result.push_back(layer);
  }
  return result;
}

}  // namespace assay::golden
