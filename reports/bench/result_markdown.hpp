// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A benchmark's result as Markdown.
#pragma once

#include <string>

#include "bench/result/result.hpp"

namespace assay::reports {

[[nodiscard]] std::string result_markdown(const bench::Result& result);

}  // namespace assay::reports
