// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/comparability.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "model/error.hpp"

namespace assay::bench {
namespace {

using Texts = std::map<std::string, std::string>;

constexpr std::size_t most_told = 4;

/// The first few, and how many more there are.
std::string listed(std::vector<std::string> items, std::string_view separator) {
  const std::size_t more = items.size() > most_told ? items.size() - most_told : 0;
  if (more > 0) items.resize(most_told);
  return fmt::format("{}{}", fmt::join(items, separator), more == 0 ? "" : fmt::format(" and {} more", more));
}

std::string value_text(const Texts& texts, const std::string& key) {
  const auto found = texts.find(key);
  return found == texts.end() ? "none" : fmt::format("\"{}\"", found->second);
}

/// "cpu \"A\" and \"B\"" for each key that has not the same value.
std::vector<std::string> differences(const Texts& base, const Texts& fresh) {
  std::set<std::string> keys;
  for (const Texts* texts : {&base, &fresh}) {
    for (const auto& entry : *texts) keys.insert(entry.first);
  }
  std::vector<std::string> found;
  for (const std::string& key : keys) {
    const std::string before = value_text(base, key);
    const std::string after = value_text(fresh, key);
    if (before != after) found.push_back(fmt::format("{} {} and {}", key, before, after));
  }
  return found;
}

std::string both(const CompareOptions& options) { return fmt::format("{}, {}", options.base_file, options.fresh_file); }

std::vector<std::string> only_in(const Result& one, const Result& other) {
  std::vector<std::string> names;
  for (const Row& row : one.rows) {
    if (std::ranges::find(other.rows, row.name, &Row::name) == other.rows.end()) names.push_back(row.name);
  }
  return names;
}

void check_benchmarks(const Result& base, const Result& fresh, const CompareOptions& options) {
  std::vector<std::string> parts;
  const auto add = [&](const std::vector<std::string>& names, const std::string& file) {
    if (!names.empty()) parts.push_back(fmt::format("only in {}: {}", file, listed(names, ", ")));
  };
  add(only_in(base, fresh), options.base_file);
  add(only_in(fresh, base), options.fresh_file);
  if (parts.empty()) return;
  throw Error(fmt::format("{}: expected the same benchmarks in both, found {}", both(options), fmt::join(parts, "; ")));
}

std::vector<std::string> settings_differences(const Result& base, const Result& fresh) {
  std::vector<std::string> found = differences(base.settings, fresh.settings);
  for (const Row& row : base.rows) {
    const auto other = std::ranges::find(fresh.rows, row.name, &Row::name);
    if (other == fresh.rows.end() || other->threads == row.threads) continue;
    found.push_back(fmt::format("threads of {} {} and {}", row.name, row.threads, other->threads));
  }
  return found;
}

}  // namespace

std::vector<std::string> check_comparable(const Result& base, const Result& fresh, const CompareOptions& options) {
  std::vector<std::string> warnings;
  const auto check = [&](const std::vector<std::string>& found, std::string_view what, bool is_allowed) {
    if (found.empty()) return;
    if (!is_allowed) {
      throw Error(fmt::format("{}: expected the same {}, found {} (--across-{} compares them all the same)",
                              both(options), what, listed(found, ", "), what));
    }
    warnings.push_back(fmt::format("different {}, as asked for: {}", what, listed(found, ", ")));
  };
  check(differences(base.machine, fresh.machine), "machines", options.across_machines);
  check(settings_differences(base, fresh), "settings", options.across_settings);
  check_benchmarks(base, fresh, options);
  return warnings;
}

}  // namespace assay::bench
