// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Sites gathered into the operations that people ask the time of.
#pragma once

#include <string_view>

#include "model/site.hpp"

namespace assay::bench {

enum class Group {
  embed,
  rope_table,
  norm,
  qkv,     ///< projections of queries, keys and values, and their rotation
  attend,  ///< scores, softmax, weighted values, and what is kept in the cache
  o_proj,
  in_proj,  ///< of Mamba2, as the next four
  conv,
  scan,  ///< time steps and the scan, or one step of it
  gated_norm,
  out_proj,
  residual,
  router,
  experts,
  shared_mlp,
  head,
};

[[nodiscard]] std::string_view name(Group group);

enum class Mixing { attention, mamba, none };

/// The group whose work ends when the site is reached, in a layer that mixes tokens so.
[[nodiscard]] Group group_of(Site site, Mixing mixing);

}  // namespace assay::bench
