// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/text.hpp"

namespace assay::reports {
namespace {

constexpr std::size_t line_width = 79;
constexpr std::size_t bar_width = 24;
constexpr std::chrono::milliseconds redraw_interval{100};
constexpr std::string_view empty_the_line = "\r\x1b[K";

void write(std::FILE* out, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), out);  // a lost frame of a progress bar is no error
  std::fflush(out);
}

}  // namespace

std::string progress_line(double fraction, std::string_view what) {
  const double done = std::isnan(fraction) ? 0 : std::clamp(fraction, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(std::floor(done * static_cast<double>(bar_width)));
  std::string line =
      fmt::format("[{:#<{}}{:-<{}}] {:>3.0f}% ", "", filled, "", bar_width - filled, std::floor(100 * done));
  return line + shorten(printable(what), line_width - line.size());
}

void Progress::update(double fraction, std::string_view what) {
  if (!enabled_) return;
  const Clock::time_point now = Clock::now();
  if (visible_ && now - drawn_ < redraw_interval) return;
  write(out_, std::string(empty_the_line) + progress_line(fraction, what));
  drawn_ = now;
  visible_ = true;
}

void Progress::clear() {
  if (visible_) write(out_, empty_the_line);
  visible_ = false;
}

}  // namespace assay::reports
