// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What this program was built from.
#pragma once

#include <string>

namespace assay {

/// A line for the program and one for each library.
[[nodiscard]] std::string version_text();

}  // namespace assay
