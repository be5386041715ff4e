// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

namespace assay::reports {
namespace {

std::string special_text(double number) {
  if (std::isnan(number)) return "NaN";
  return number > 0 ? "inf" : "-inf";
}

}  // namespace

std::string error_text(double error) {
  if (!std::isfinite(error)) return special_text(error);
  return error == 0 ? "0" : fmt::format("{:.1e}", error);
}

std::string element_text(double element, Precision precision) {
  if (!std::isfinite(element)) return special_text(element);
  return precision == Precision::f32 ? fmt::format("{:.9g}", element) : fmt::format("{:.17g}", element);
}

std::string used_text(double used) {
  if (!std::isfinite(used)) return special_text(used);
  if (used == 0) return "0%";
  if (used < 0.001) return "<0.1%";
  if (used < 0.1) return fmt::format("{:.1f}%", 100 * used);
  if (used <= 1) return fmt::format("{:.0f}%", std::floor(100 * used));
  if (used < 10) return fmt::format("{:.1f}x", used);
  if (used < 1000) return fmt::format("{:.0f}x", used);
  return fmt::format("1e{:.0f}x", std::floor(std::log10(used)));
}

std::string headroom_text(double used) {
  if (!(used <= 1)) return used_text(used);
  if (used == 0) return "100%";
  if (used < 0.001) return ">99.9%";
  const double left = 100 * (1 - used);
  return left < 10 || used < 0.1 ? fmt::format("{:.1f}%", std::floor(10 * left) / 10)
                                 : fmt::format("{:.0f}%", std::floor(left));
}

std::string digits_text(double digits) {
  if (!std::isfinite(digits)) return special_text(digits);
  return fmt::format("{:.1f}", std::floor(10 * digits) / 10);
}

std::string noise_text(double ratio) {
  if (!std::isfinite(ratio)) return special_text(ratio);
  if (ratio == 0) return "0";
  if (std::abs(ratio) < 0.01) return "<0.01";
  if (std::abs(ratio) < 1) return fmt::format("{:.2f}", ratio);
  if (std::abs(ratio) < 100) return fmt::format("{:.1f}", ratio);
  if (std::abs(ratio) < 10000) return fmt::format("{:.0f}", ratio);
  return fmt::format("{:.0e}", ratio);
}

std::string ratio_text(const golden::NoiseRatio& ratio) {
  return fmt::format("{} of {}", noise_text(ratio.value), noise_text(ratio.gate));
}

std::string seconds_text(double seconds) {
  if (seconds < 0.0095) return fmt::format("{:.0f} ms", 1000 * seconds);
  if (seconds < 0.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 99.95) return fmt::format("{:.1f} s", seconds);
  return fmt::format("{:.0f} s", seconds);
}

std::string bytes_text(std::size_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto amount = static_cast<double>(bytes) / 1024;
  std::string_view unit = "KiB";
  for (const std::string_view larger : {"MiB", "GiB"}) {
    if (amount < 999.95) break;
    amount /= 1024;
    unit = larger;
  }
  return fmt::format("{:.1f} {}", amount, unit);
}

std::string count_text(std::size_t count, std::string_view singular) {
  return fmt::format("{} {}{}", count, singular, count == 1 ? "" : "s");
}

double used(const golden::NoiseRatio& ratio) {
  if (ratio.value == 0) return 0;
  // Written so that a NaN is beyond any gate.
  return ratio.gate > 0 && !std::isnan(ratio.value) ? ratio.value / ratio.gate
                                                    : std::numeric_limits<double>::infinity();
}

const golden::NoiseRatio* worst_ratio(const golden::SiteResult& site) {
  const golden::NoiseRatio* worst = nullptr;
  for (const golden::NoiseRatio& ratio : site.ratios) {
    if (worst == nullptr || used(ratio) > used(*worst)) worst = &ratio;
  }
  return worst;
}

double used(const golden::SiteResult& site) { return golden::share_used(site); }

bool was_compared(const golden::SiteResult& site) {
  return site.verdict != golden::Verdict::missing && site.metrics.elements > 0;
}

const golden::SiteResult* worst_site(const golden::CaseResult& result) {
  const golden::SiteResult* worst = nullptr;
  for (const golden::SiteResult& site : result.sites) {
    if (!was_compared(site) || site.verdict == golden::Verdict::tie) continue;
    if (worst == nullptr || used(site) > used(*worst)) worst = &site;
  }
  return worst;
}

bool has_digits(const golden::SiteResult& site) {
  const SiteKind kind = info(site.site).kind;
  return was_compared(site) && kind != SiteKind::mask && kind != SiteKind::routing;
}

std::optional<double> verified_digits(const golden::CaseResult& result) {
  std::optional<double> least;
  for (const golden::SiteResult& site : result.sites) {
    const bool counts = site.verdict != golden::Verdict::tie && site.verdict != golden::Verdict::vacuous;
    if (counts && has_digits(site)) least = std::min(least.value_or(site.digits), site.digits);
  }
  return least;
}

}  // namespace assay::reports
