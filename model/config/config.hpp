// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A config of any of the four architectures. A fifth is one more alternative here; the build then fails where an
// engine does not know it yet, and that is the checklist.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "model/config/granite_moe.hpp"
#include "model/config/granite_moe_hybrid.hpp"
#include "model/config/granite_moe_shared.hpp"
#include "model/config/phimoe.hpp"

namespace assay {

using Config = std::variant<GraniteMoeConfig, GraniteMoeSharedConfig, GraniteMoeHybridConfig, PhimoeConfig>;

/// Reads the text of a config.json as transformers 5.23.0 does: both spellings of everything, its defaults, its
/// refusals. `origin` names the file in messages. Throws Error.
[[nodiscard]] Config parse_config(std::string_view text, const std::string& origin);

/// "granitemoe", "granitemoeshared", "granitemoehybrid" or "phimoe".
[[nodiscard]] std::string_view model_type(const Config& config);

[[nodiscard]] inline const TransformerConfig& common(const Config& config) {
  return std::visit([](const auto& alternative) -> const TransformerConfig& { return alternative; }, config);
}

}  // namespace assay
