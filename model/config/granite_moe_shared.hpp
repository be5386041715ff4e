// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// GraniteMoeSharedConfig (transformers 5.23.0, models/granitemoeshared).
#pragma once

#include "model/config/granite_moe.hpp"

namespace assay {

struct GraniteMoeSharedConfig : GraniteMoeConfig {
  std::size_t shared_intermediate_size = 0;  ///< 0: no shared MLP (never so in the hybrid)

  bool operator==(const GraniteMoeSharedConfig&) const = default;
};

}  // namespace assay
