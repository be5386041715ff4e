// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The ids that end a text and fill up a batch, where transformers' generate takes them from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/config/config.hpp"

namespace assay::generation {

struct SpecialTokens {
  std::vector<std::int64_t> eos_token_id;
  std::optional<std::int64_t> pad_token_id;

  /// What generate pads with: pad_token_id, else the first eos_token_id (GenerationMixin._prepare_special_tokens).
  [[nodiscard]] std::optional<std::int64_t> pad() const;
};

/// Of config.json, as GenerationConfig.from_model_config.
[[nodiscard]] SpecialTokens special_tokens(const Config& config);

/// Of the text of a generation_config.json, as GenerationConfig.from_pretrained; a key that it lacks is not looked for
/// in config.json. Its other keys are not read. Throws Error.
[[nodiscard]] SpecialTokens parse_generation_config(std::string_view text, const std::string& origin);

/// Of a checkpoint folder: generation_config.json where there is one, else `config`. Throws Error.
[[nodiscard]] SpecialTokens special_tokens(const std::filesystem::path& folder, const Config& config);

}  // namespace assay::generation
