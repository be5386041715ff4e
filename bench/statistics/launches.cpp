// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/launches.hpp"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

#include "model/error.hpp"

namespace assay::bench {

std::size_t samples_per_launch(const Result& result, const std::string& file) {
  const auto found = result.settings.find("samples_per_launch");
  if (found == result.settings.end()) return 1;
  const std::string& text = found->second;
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error == std::errc{} && end == text.data() + text.size() && size > 0) return size;
  throw Error(
      fmt::format("{}: setting samples_per_launch: expected a whole number of at least 1, found \"{}\"", file, text));
}

}  // namespace assay::bench
