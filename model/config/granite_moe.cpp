// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/granite_moe.hpp"

#include "model/config/parse.hpp"

namespace assay {

GraniteMoeConfig parse_granite_moe(Fields& fields, Family family, RopeUse rope_use) {
  GraniteMoeConfig config;
  static_cast<TransformerConfig&>(config) = parse_transformer(fields, family, rope_use);
  config.embedding_multiplier = fields.number("embedding_multiplier", 1.0);
  config.logits_scaling = fields.number("logits_scaling", 1.0);
  config.residual_multiplier = fields.number("residual_multiplier", 1.0);
  config.attention_multiplier = fields.number("attention_multiplier", 1.0);
  return config;
}

}  // namespace assay
