// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// GraniteMoeConfig (transformers 5.23.0, models/granitemoe).
#pragma once

#include "model/config/transformer.hpp"

namespace assay {

struct GraniteMoeConfig : TransformerConfig {
  double embedding_multiplier = 1.0;
  double logits_scaling = 1.0;
  double residual_multiplier = 1.0;
  double attention_multiplier = 1.0;

  bool operator==(const GraniteMoeConfig&) const = default;
};

}  // namespace assay
