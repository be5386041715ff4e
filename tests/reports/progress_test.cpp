// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/progress.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

#include "reports/text.hpp"

namespace assay::reports {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

File temporary_file() { return File(std::tmpfile()); }

std::string written(std::FILE* file) {
  std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return text;
}

TEST(ProgressLine, FillsTheBarByTheFraction) {
  EXPECT_EQ(progress_line(0, "start"), "[------------------------]   0% start");
  EXPECT_EQ(progress_line(0.5, "phimoe"), "[############------------]  50% phimoe");
  EXPECT_EQ(progress_line(1, "end"), "[########################] 100% end");
}

TEST(ProgressLine, BearsAnyFraction) {
  EXPECT_EQ(progress_line(NAN, ""), progress_line(0, ""));
  EXPECT_EQ(progress_line(-1, ""), progress_line(0, ""));
  EXPECT_EQ(progress_line(7, ""), progress_line(1, ""));
}

TEST(ProgressLine, IsOneLineOfAtMost79Columns) {
  EXPECT_EQ(columns(progress_line(0.25, std::string(200, 'x'))), 79U);
  EXPECT_EQ(progress_line(0.25, "a\nb").find('\n'), std::string::npos);
}

TEST(Progress, DrawsNothingWhenDisabled) {
  const File file = temporary_file();
  ASSERT_NE(file, nullptr);
  {
    Progress progress(file.get(), false);
    progress.update(0.5, "phimoe");
    progress.clear();
  }
  EXPECT_EQ(written(file.get()), "");
}

TEST(Progress, LeavesAnEmptyLine) {
  const File file = temporary_file();
  ASSERT_NE(file, nullptr);
  { Progress(file.get(), true).update(0.5, "phimoe"); }
  EXPECT_EQ(written(file.get()), "\r\x1b[K" + progress_line(0.5, "phimoe") + "\r\x1b[K");
}

TEST(Progress, RedrawsAtMostTenTimesASecond) {
  const File file = temporary_file();
  ASSERT_NE(file, nullptr);
  Progress progress(file.get(), true);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) progress.update(0.5, "x");
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  const std::string text = written(file.get());
  const auto draws = static_cast<double>(std::ranges::count(text, '\r'));
  EXPECT_LE(draws, 1 + 10 * elapsed.count());
}

}  // namespace
}  // namespace assay::reports
