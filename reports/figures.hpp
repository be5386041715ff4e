// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them: short where they are judged, whole where they are compared.
#pragma once

#include <cstddef>
#include <optional>
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

/// What is left of the limit: "100%", ">99.9%", "99.6%", "41%", "0%"; beyond it how many times the limit, as used_text.
[[nodiscard]] std::string headroom_text(double used);

/// Decimal digits, never more than there are: "15.9", "0.0".
[[nodiscard]] std::string digits_text(double digits);

/// A noise ratio or a gate in at most six letters: "0.31", "9.3", "120", "1e+05", "inf".
[[nodiscard]] std::string noise_text(double ratio);

/// "9.3 of 3.1": a noise ratio and what it may be.
[[nodiscard]] std::string ratio_text(const golden::NoiseRatio& ratio);

/// "3 ms", "0.02 s", "2.1 s", "123 s"
[[nodiscard]] std::string seconds_text(double seconds);

/// "17 B", "4.5 KiB", "12.3 MiB", "1.2 GiB"
[[nodiscard]] std::string bytes_text(std::size_t bytes);

/// "1 site", "412 sites"
[[nodiscard]] std::string count_text(std::size_t count, std::string_view singular);

/// The share of its gate that a noise ratio is. Infinite beyond a gate of 0 and for NaN.
[[nodiscard]] double used(const golden::NoiseRatio& ratio);

/// The ratio that used most of its gate, the first of equals; null where none was taken.
[[nodiscard]] const golden::NoiseRatio* worst_ratio(const golden::SiteResult& site);

/// The largest share that the site's errors are of their limits and its noise ratios of their gates: 1 is all. Infinite
/// beyond a limit of 0 and for NaN.
[[nodiscard]] double used(const golden::SiteResult& site);

/// Whether the site has figures: it was emitted and has elements.
[[nodiscard]] bool was_compared(const golden::SiteResult& site);

/// The site that used most of its limit, the first of equals; null where nothing was compared. Sites behind a tie do
/// not count: their figures are not judged.
[[nodiscard]] const golden::SiteResult* worst_site(const golden::CaseResult& result);

/// Whether digits say something of the site: it was compared, and holds numbers, not masks or choices.
[[nodiscard]] bool has_digits(const golden::SiteResult& site);

/// The digits that every compared site has at least; none where no site has any to tell. Sites behind a tie and those
/// that are vacuous do not count.
[[nodiscard]] std::optional<double> verified_digits(const golden::CaseResult& result);

}  // namespace assay::reports
