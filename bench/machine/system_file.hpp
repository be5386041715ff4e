// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Small text files in which the kernel says something.
#pragma once

#include <filesystem>
#include <string>

namespace assay::bench {

/// The text of the file; "" where there is none or it may not be read.
[[nodiscard]] std::string system_file(const std::filesystem::path& path);

}  // namespace assay::bench
