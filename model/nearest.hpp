// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// For complaints: which of the known names an unknown one was probably meant to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// The candidate that `text` is nearest to, if it is near at all; else "".
[[nodiscard]] std::string nearest(std::string_view text, const std::vector<std::string>& candidates);

}  // namespace assay
