// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/launches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "model/error.hpp"

namespace assay::bench {

namespace {

/// A setting that counts samples; 1 where it is not there.
std::size_t count_setting(const Result& result, const std::string& file, const std::string& key) {
  const auto found = result.settings.find(key);
  if (found == result.settings.end()) return 1;
  const std::string& text = found->second;
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc{} && end == text.data() + text.size() && count > 0) return count;
  throw Error(fmt::format("{}: setting {}: expected a whole number of at least 1, found \"{}\"", file, key, text));
}

}  // namespace

std::size_t samples_per_launch(const Result& result, const std::string& file) {
  return count_setting(result, file, "samples_per_launch");
}

std::size_t samples_per_pair(const Result& result, const std::string& file) {
  const std::size_t group = count_setting(result, file, "samples_per_pair");
  const std::size_t launch = samples_per_launch(result, file);
  if (result.settings.contains("samples_per_launch") && launch % group != 0) {
    throw Error(fmt::format("{}: setting samples_per_launch: expected a multiple of samples_per_pair ({}), found {}",
                            file, group, launch));
  }
  return group;
}

std::vector<Sample> quickest_of_each(std::span<const Sample> samples, std::size_t group) {
  std::vector<Sample> quickest;
  for (; samples.size() >= group; samples = samples.subspan(group)) {
    quickest.push_back(*std::ranges::min_element(samples.first(group), {}, &Sample::real_seconds));
  }
  return quickest;
}

}  // namespace assay::bench
