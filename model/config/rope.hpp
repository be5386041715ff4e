// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Rotary position embedding: the `rope_parameters` of a config, as transformers resolves them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace assay {

/// The keys of ROPE_INIT_FUNCTIONS in transformers 5.23.0, modeling_rope_utils.
enum class RopeType { default_type, linear, dynamic, yarn, longrope, llama3, proportional };

[[nodiscard]] std::string_view name(RopeType type);

struct RopeConfig {
  RopeType type = RopeType::default_type;
  double rope_theta = 10000.0;
  std::optional<double> factor;
  std::optional<double> original_max_position_embeddings;
  std::optional<double> attention_factor;
  std::optional<double> beta_fast;
  std::optional<double> beta_slow;
  std::optional<double> mscale;
  std::optional<double> mscale_all_dim;
  std::optional<bool> truncate;
  std::optional<double> low_freq_factor;
  std::optional<double> high_freq_factor;
  std::optional<double> short_mscale;
  std::optional<double> long_mscale;
  std::optional<double> partial_rotary_factor;
  std::vector<double> short_factor;
  std::vector<double> long_factor;

  bool operator==(const RopeConfig&) const = default;
};

}  // namespace assay
