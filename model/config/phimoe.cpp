// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/phimoe.hpp"

#include "model/config/parse.hpp"

namespace assay {

std::string_view name(PhimoeLongrope longrope) { return longrope == PhimoeLongrope::hf4 ? "hf4" : "hf5"; }

std::optional<PhimoeLongrope> phimoe_longrope_from(std::string_view text) {
  for (const PhimoeLongrope longrope : {PhimoeLongrope::hf5, PhimoeLongrope::hf4}) {
    if (text == name(longrope)) return longrope;
  }
  return std::nullopt;
}

PhimoeConfig parse_phimoe(Fields& fields) {
  PhimoeConfig config;
  static_cast<TransformerConfig&>(config) = parse_transformer(fields, Family::phimoe, RopeUse::on);
  config.sliding_window = fields.size_or_null("sliding_window");
  config.router_jitter_noise = fields.strict_float("router_jitter_noise", 0.01);
  if (config.router_jitter_noise < 0) fields.refuse("router_jitter_noise", "0 or more");
  config.input_jitter_noise = fields.strict_float("input_jitter_noise", 0.0);
  config.lm_head_bias = fields.flag("lm_head_bias", false);
  return config;
}

}  // namespace assay
