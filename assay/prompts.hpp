// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Prompts as they stand on a command line or in a file: token ids.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/config/config.hpp"

namespace assay {

/// The ids of "1,2,3", or of a file named by "@FILE"; blanks and ends of lines also separate. Throws Error on anything
/// else, and where there are none. `option` opens the message.
[[nodiscard]] std::vector<std::int64_t> parse_ids(std::string_view option, const std::string& text);

struct Prompt {
  std::string where;  ///< opens messages: "--ids", or "FILE: line 3"
  std::vector<std::int64_t> ids;
};

/// The prompts of a file, one a line: ids separated by commas or blanks. Lines without a word are skipped, and those
/// that start with #. Throws Error on anything else, and where there are none.
[[nodiscard]] std::vector<Prompt> read_prompts(const std::string& path);

/// Throws Error where an id is not in the vocabulary.
void check_ids(const Prompt& prompt, const Config& config);

}  // namespace assay
