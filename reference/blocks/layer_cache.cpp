// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/layer_cache.hpp"

#include <algorithm>

#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

template <class T, std::size_t Rank>
Tensor<T, Rank> converted(const Tensor<float, Rank>& source) {
  Tensor<T, Rank> copy(source.view().extents());
  std::ranges::copy(source.view().flat(), copy.view().flat().begin());
  return copy;
}

}  // namespace

template <class T>
std::vector<LayerCache<T>> layer_caches(const PastKeyValues& past) {
  std::vector<LayerCache<T>> caches;
  for (const LayerPast& layer : past.layers) {
    caches.push_back({.attention = {converted<T>(layer.keys), converted<T>(layer.values)},
                      .mamba = {converted<T>(layer.conv_state), converted<T>(layer.ssm_state)}});
  }
  return caches;
}

template std::vector<LayerCache<float>> layer_caches<float>(const PastKeyValues&);
template std::vector<LayerCache<double>> layer_caches<double>(const PastKeyValues&);
template std::vector<LayerCache<Gauged>> layer_caches<Gauged>(const PastKeyValues&);

}  // namespace assay::reference
