// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/date.hpp"

#include <gtest/gtest.h>

#include "tests/support/error_of.hpp"

namespace assay::bench {
namespace {

TEST(BenchDate, CountsWithItsOffset) {
  const auto noon = parse_date("2026-03-01T12:00:00Z", "r");
  EXPECT_EQ(parse_date("2026-03-01T12:00:00+00:00", "r"), noon);
  EXPECT_EQ(parse_date("2026-03-01T13:30:00+01:30", "r"), noon);
  EXPECT_EQ(parse_date("2026-02-28T23:00:00-13:00", "r"), noon);
}

TEST(BenchDate, RefusesOtherText) {
  for (const char* const text :
       {"", "yesterday", "2026-03-01", "2026-03-01T12:00:00", "2026-02-30T12:00:00Z", "2026-03-01T25:00:00Z",
        "2026-03-01T12:00:00+01:00 or so", "2026-03-01T12:00:00Zulu"}) {
    EXPECT_EQ(test::error_of([&] { (void)parse_date(text, "r.json: date"); }),
              std::string("r.json: date: expected a date as 2026-03-01T12:30:00+00:00, found \"") + text + "\"");
  }
}

}  // namespace
}  // namespace assay::bench
