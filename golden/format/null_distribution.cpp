// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/null_distribution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golden/format/site_matrix.hpp"
#include "model/error.hpp"
#include "model/files/sha256.hpp"

namespace assay::golden {
namespace {

const std::string generation_group = "/generation/null/hf32";

std::string group_of(CallIndex call, Values yardstick) {
  return fmt::format("/calls/{:03}/null/{}", call.value, name(yardstick));
}

template <class T>
std::vector<T> read_finite(const GoldenFile& golden, const std::string& path, const Shape& shape) {
  const Shape found = golden.reader().describe(path).shape;
  if (found != shape) {
    throw Error(fmt::format("{}: {}: expected {}, found {}", golden.file(), path, to_string(shape), to_string(found)));
  }
  std::vector<T> values = golden.reader().read<T>(path);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      throw Error(
          fmt::format("{}: {}: element {}: expected a finite number, found {}", golden.file(), path, i, values[i]));
    }
  }
  return values;
}

/// Root mean square over the runs of one of `sites` columns; a run that does not show the site has -1.
double mean_square_root(const std::vector<double>& values, std::size_t sites, std::size_t site) {
  double squares = 0.0;
  std::size_t count = 0;
  for (std::size_t i = site; i < values.size(); i += sites) {
    if (values[i] < 0.0) continue;
    squares += values[i] * values[i];
    ++count;
  }
  return count == 0 ? 0.0 : std::sqrt(squares / static_cast<double>(count));
}

std::size_t read_runs(const GoldenFile& golden) {
  const auto runs = golden.reader().integer_attribute("/null", "runs");
  if (!runs || *runs < static_cast<std::int64_t>(NullDistribution::least_runs)) {
    throw Error(fmt::format("{}: /null: expected the attribute runs of at least {}, found {}", golden.file(),
                            NullDistribution::least_runs, runs ? std::to_string(*runs) : "none"));
  }
  return static_cast<std::size_t>(*runs);
}

/// The paths of all datasets of a group, in their order.
void list(const Hdf5Reader& reader, const std::string& group, std::vector<std::string>& paths) {
  if (!reader.has(group)) return;
  for (const std::string& child : reader.children(group)) paths.push_back(group + "/" + child);
}

}  // namespace

std::optional<NullDistribution> NullDistribution::read(const GoldenFile& golden, Values yardstick) {
  const bool is_there = std::ranges::any_of(golden.calls(), [&](const RecordedCall& call) {
    return golden.reader().has(group_of(CallIndex{static_cast<std::size_t>(&call - golden.calls().data())}, yardstick));
  });
  if (!is_there) return std::nullopt;
  NullDistribution null;
  null.runs_ = read_runs(golden);
  for (std::size_t i = 0; i < golden.calls().size(); ++i) {
    null.calls_.push_back(null.read_call(golden, CallIndex{i}, yardstick));
  }
  return null;
}

NullDistribution::OfCall NullDistribution::read_call(const GoldenFile& golden, CallIndex call, Values yardstick) const {
  OfCall result;
  std::size_t rows = 0;
  std::size_t columns = 0;
  bool has_logits = false;
  for (const PlannedSite& site : golden.calls()[call.value].sites) {
    if (!has_noise(site.point.site) || !golden.records(site.point.site)) continue;
    const SiteMatrix matrix(site);
    result.sites.push_back({site.point, 0.0, rows, matrix.rows(), columns, matrix.columns()});
    rows += matrix.rows();
    columns += matrix.columns();
    has_logits = has_logits || site.point.site == Site::logits;
  }
  const std::string group = group_of(call, yardstick);
  const std::size_t sites = result.sites.size();
  const std::vector<double> largest = read_finite<double>(golden, group + "/max", {runs_ + 1, sites});
  for (std::size_t site = 0; site < sites; ++site) {
    result.sites[site].max_abs = mean_square_root(largest, sites, site);
  }
  result.rows = read_finite<float>(golden, group + "/rows", {rows});
  result.columns = read_finite<float>(golden, group + "/columns", {columns});
  if (!has_logits) return result;
  const std::vector<double> divergences = read_finite<double>(golden, group + "/kl", {runs_ + 1, 2});
  LogitsNoise logits;
  for (std::size_t i = 0; i < divergences.size(); i += 2) {
    logits.mean += divergences[i] / static_cast<double>(runs_ + 1);
    logits.max += divergences[i + 1] / static_cast<double>(runs_ + 1);
  }
  const std::vector<double> floor = read_finite<double>(golden, group + "/kl_floor", {2});
  result.logits = LogitsNoise{std::max(logits.mean, floor[0]), std::max(logits.max, floor[1])};
  return result;
}

std::optional<SiteNoise> NullDistribution::find(CallIndex call, const ProbePoint& point) const {
  const OfCall& of_call = calls_[call.value];
  const auto place = std::ranges::find(of_call.sites, point, &Place::point);
  if (place == of_call.sites.end()) return std::nullopt;
  return SiteNoise{place->max_abs, std::span(of_call.rows).subspan(place->first_row, place->rows),
                   std::span(of_call.columns).subspan(place->first_column, place->columns)};
}

std::optional<GenerationNoise> read_generation_noise(const GoldenFile& golden, std::size_t steps, std::size_t rows) {
  if (!golden.reader().has(generation_group)) return std::nullopt;
  const std::vector<double> largest =
      read_finite<double>(golden, generation_group + "/max", {read_runs(golden) + 1, 1});
  return GenerationNoise{mean_square_root(largest, 1, 0),
                         read_finite<float>(golden, generation_group + "/rows", {steps * rows})};
}

std::string null_sha256(const GoldenFile& golden) {
  const Hdf5Reader& reader = golden.reader();
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < golden.calls().size(); ++i) {
    const std::string null = fmt::format("/calls/{:03}/null", i);
    if (!reader.has(null)) continue;
    for (const std::string& yardstick : reader.children(null)) list(reader, null + "/" + yardstick, paths);
  }
  list(reader, generation_group, paths);
  list(reader, "/null", paths);
  std::ranges::sort(paths);
  std::vector<std::byte> bytes;
  for (const std::string& path : paths) {
    const auto text = std::as_bytes(std::span(path));
    bytes.insert(bytes.end(), text.begin(), text.end());
    const std::vector<std::byte> values = reader.read_bytes(path);
    bytes.insert(bytes.end(), values.begin(), values.end());
  }
  return sha256(bytes);
}

}  // namespace assay::golden
