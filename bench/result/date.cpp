// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/date.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "model/error.hpp"

namespace assay::bench {

std::chrono::sys_seconds parse_date(const std::string& text, const std::string& where) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace)
  int y = 0;
  int hour_of_offset = 0;
  int minute_of_offset = 0;
  unsigned month_number = 0;
  unsigned day_number = 0;
  int h = 0;
  int m = 0;
  int s = 0;
  char sign = '\0';
  char rest = '\0';
  const int read = std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d%c%2d:%2d%c", &y, &month_number, &day_number, &h,
                               &m, &s, &sign, &hour_of_offset, &minute_of_offset, &rest);
  const bool is_utc = read == 7 && sign == 'Z' && text.back() == 'Z';
  const bool has_offset = read == 9 && (sign == '+' || sign == '-');
  const year_month_day date = year(y) / month(month_number) / day(day_number);
  if (!(is_utc || has_offset) || !date.ok() || h > 23 || m > 59 || s > 60) {
    throw Error(fmt::format("{}: expected a date as 2026-03-01T12:30:00+00:00, found \"{}\"", where, text));
  }
  const minutes offset = hours(hour_of_offset) + minutes(minute_of_offset);
  return sys_days(date) + hours(h) + minutes(m) + seconds(s) - (sign == '-' ? -offset : offset);
}

}  // namespace assay::bench
