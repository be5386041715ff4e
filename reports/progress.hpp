// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that says how far a long run has come. It leaves nothing behind.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace assay::reports {

/// "[#########-----------]  45% phimoe_cache", with `fraction` from 0 to 1; at most 79 columns.
[[nodiscard]] std::string progress_line(double fraction, std::string_view what);

class Progress {
 public:
  /// Draws on `out`, which must be a terminal; nothing at all unless `enabled`.
  explicit Progress(std::FILE* out, bool enabled) : out_(out), enabled_(enabled) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  /// Redraws, unless it did so less than a tenth of a second ago.
  void update(double fraction, std::string_view what);

  /// Empties the line, so that something else can be printed there. The next update draws at once.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::FILE* out_;
  bool enabled_;
  bool visible_ = false;
  Clock::time_point drawn_;
};

}  // namespace assay::reports
