// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/bench/quantities.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace assay::reports {
namespace {

/// For numbers from 1 to 999: "1.23", "12.3", "123".
std::string three_digits(double number) {
  if (number < 9.995) return fmt::format("{:.2f}", number);
  return fmt::format("{:.{}f}", number, number < 99.95 ? 1 : 0);
}

}  // namespace

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds)) return "?";
  if (seconds < 0) return "-" + duration_text(-seconds);
  if (seconds == 0) return "0 s";
  if (seconds < 999.5e-9) return fmt::format("{:.3g} ns", 1e9 * seconds);
  if (seconds < 999.5e-6) return three_digits(1e6 * seconds) + " us";
  if (seconds < 999.5e-3) return three_digits(1e3 * seconds) + " ms";
  return three_digits(seconds) + " s";
}

std::string scaled_text(double amount, std::string_view unit) {
  if (!std::isfinite(amount)) return "?";
  if (amount < 0) return "-" + scaled_text(-amount, unit);
  if (amount < 999.5) return fmt::format("{:.3g}{}{}", amount, unit.empty() ? "" : " ", unit);
  constexpr std::array prefixes{"k", "M", "G", "T", "P"};
  std::size_t at = 0;
  amount /= 1000;
  for (; amount >= 999.5 && at + 1 < prefixes.size(); ++at) amount /= 1000;
  return fmt::format("{} {}{}", three_digits(amount), prefixes[at], unit);
}

std::string number_text(double number) {
  if (!std::isfinite(number)) return "?";
  const double size = std::abs(number);
  if (size >= 99.95 && size < 999999.5) return fmt::format("{:.0f}", number);
  return fmt::format("{:.3g}", number);
}

std::string percent_text(double share) {
  if (!std::isfinite(share)) return "?";
  const double percent = 100 * share;
  const double size = std::abs(percent);
  if (size == 0) return "0%";
  if (size < 0.01) return percent > 0 ? "<0.01%" : ">-0.01%";
  return fmt::format("{:.{}f}%", percent, size < 0.995 ? 2 : size < 9.95 ? 1 : 0);
}

std::string probability_text(double p) {
  if (!std::isfinite(p)) return "?";
  return p < 0.0001 ? "<0.0001" : fmt::format("{:.2g}", p);
}

}  // namespace assay::reports
