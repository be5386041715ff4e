// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/granite_moe_shared.hpp"

#include "model/config/parse.hpp"

namespace assay {

GraniteMoeSharedConfig parse_granite_moe_shared(Fields& fields) {
  GraniteMoeSharedConfig config;
  static_cast<GraniteMoeConfig&>(config) = parse_granite_moe(fields, Family::granite, RopeUse::on);
  config.shared_intermediate_size = fields.size("shared_intermediate_size", 0, 0);
  return config;
}

}  // namespace assay
