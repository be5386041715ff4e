// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// PhimoeConfig (transformers 5.23.0, models/phimoe).
#pragma once

#include <optional>
#include <string_view>

#include "model/config/transformer.hpp"

namespace assay {

/// Which frequencies PhiMoE turns by where the rope type looks at the length (longrope, dynamic). transformers has had
/// two behaviours: 5.23.0 computes them without a length, so that longrope always takes its short factors; 4.56.2
/// counts the tokens of cache and call, takes the long factors beyond the original length, and chooses between
/// short_mscale and long_mscale by the same count. The same up to the original length.
enum class PhimoeLongrope { hf5, hf4 };

[[nodiscard]] std::string_view name(PhimoeLongrope longrope);

/// Nothing where the text is neither "hf5" nor "hf4".
[[nodiscard]] std::optional<PhimoeLongrope> phimoe_longrope_from(std::string_view text);

struct PhimoeConfig : TransformerConfig {
  std::optional<std::size_t> sliding_window;
  double router_jitter_noise = 0.01;  ///< the routing threshold of inference, despite its name
  double input_jitter_noise = 0.0;    ///< training only
  bool lm_head_bias = false;
  PhimoeLongrope longrope = PhimoeLongrope::hf5;  ///< not of config.json: whoever makes an engine chooses

  bool operator==(const PhimoeConfig&) const = default;
};

}  // namespace assay
