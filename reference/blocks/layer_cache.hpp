// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a layer of either kind remembers of the tokens before, and how a caller's own cache becomes that.
#pragma once

#include <vector>

#include "model/past_key_values.hpp"
#include "reference/blocks/attention.hpp"
#include "reference/blocks/mamba2.hpp"

namespace assay::reference {

/// The cache of the other kind of layer stays empty.
template <class T>
struct LayerCache {
  KeyValueCache<T> attention;
  Mamba2Cache<T> mamba;
};

/// A copy of what the caller hands over.
template <class T>
[[nodiscard]] std::vector<LayerCache<T>> layer_caches(const PastKeyValues& past);

}  // namespace assay::reference
