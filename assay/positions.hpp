// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Tokens at positions that the model was not made for: allowed, as in transformers, and worth a word.
#pragma once

#include <cstdint>
#include <string>

#include "golden/format/golden_file.hpp"
#include "model/config/config.hpp"

namespace assay {

/// "WHERE: expected positions below max_position_embeddings (4096), found up to 4100"; "" where that is so.
[[nodiscard]] std::string position_warning(const Config& config, std::int64_t last_position, const std::string& where);

/// The same of all calls of a golden.
[[nodiscard]] std::string position_warning(const golden::GoldenFile& golden);

}  // namespace assay
