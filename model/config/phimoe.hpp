// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// PhimoeConfig (transformers 5.23.0, models/phimoe).
#pragma once

#include <optional>

#include "model/config/transformer.hpp"

namespace assay {

struct PhimoeConfig : TransformerConfig {
  std::optional<std::size_t> sliding_window;
  double router_jitter_noise = 0.01;  ///< the routing threshold of inference, despite its name
  double input_jitter_noise = 0.0;    ///< training only
  bool lm_head_bias = false;
};

}  // namespace assay
