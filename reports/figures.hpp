// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them: short where they are judged, whole where they are compared.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "golden/judge/result.hpp"

namespace assay::reports {

/// An error or a limit: "3.1e-15", "0", "NaN", "inf".
[[nodiscard]] std::string error_text(double error);

/// An element of a tensor with all the digits that tell it from its neighbours in `precision`.
[[nodiscard]] std::string element_text(double element, Precision precision);

/// How much of its limit an error is: "0%", "<0.1%", "0.3%", "12%", and beyond it "3.2x", "1e12x".
[[nodiscard]] std::string used_text(double used);

/// "3 ms", "0.02 s", "2.1 s", "123 s"
[[nodiscard]] std::string seconds_text(double seconds);

/// "17 B", "4.5 KiB", "12.3 MiB", "1.2 GiB"
[[nodiscard]] std::string bytes_text(std::size_t bytes);

/// "1 site", "412 sites"
[[nodiscard]] std::string count_text(std::size_t count, std::string_view singular);

/// The larger share that the site's errors are of their limits: 1 is all. Infinite beyond a limit of 0 and for NaN.
[[nodiscard]] double used(const golden::SiteResult& site);

/// Whether the site has figures: it was emitted and has elements.
[[nodiscard]] bool was_compared(const golden::SiteResult& site);

/// The site that used most of its limit, the first of equals; null where nothing was compared. Sites behind a tie do
/// not count: their figures are not judged.
[[nodiscard]] const golden::SiteResult* worst_site(const golden::CaseResult& result);

}  // namespace assay::reports
