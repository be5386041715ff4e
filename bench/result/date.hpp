// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The date of a result as a point in time.
#pragma once

#include <chrono>
#include <string>

namespace assay::bench {

/// "2026-03-01T12:30:00+01:00", with Z or an offset. `where` goes in front of what Error says of other text.
[[nodiscard]] std::chrono::sys_seconds parse_date(const std::string& text, const std::string& where);

}  // namespace assay::bench
