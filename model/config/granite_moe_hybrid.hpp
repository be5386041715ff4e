// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// GraniteMoeHybridConfig (transformers 5.23.0, models/granitemoehybrid).
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "model/config/granite_moe_shared.hpp"

namespace assay {

enum class MixerKind { mamba, attention };

struct GraniteMoeHybridConfig : GraniteMoeSharedConfig {
  std::string position_embedding_type;  ///< only "rope" means RoPE; "" where null
  std::vector<MixerKind> layer_types;   ///< one a layer
  std::size_t mamba_n_heads = 128;
  std::size_t mamba_n_groups = 1;
  std::size_t mamba_d_state = 256;
  std::size_t mamba_d_head = 0;  ///< "auto" is resolved
  std::size_t mamba_d_conv = 4;
  std::size_t mamba_expand = 2;
  std::size_t mamba_chunk_size = 256;
  bool mamba_conv_bias = true;
  bool mamba_proj_bias = false;
  double time_step_limit_min = 0.0;
  double time_step_limit_max = std::numeric_limits<double>::infinity();

  bool operator==(const GraniteMoeHybridConfig&) const = default;
};

}  // namespace assay
