// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/replay/dump.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <span>

#include "golden/format/recorded_call.hpp"
#include "golden/format/schema.hpp"
#include "golden/format/stored_values.hpp"
#include "model/error.hpp"
#include "model/nearest.hpp"

namespace assay::golden {
namespace {

/// "calls/003/actual/layers/011/q_proj"
std::string path_of(CallIndex call, const ProbePoint& point) {
  return site_path(call, name(Values::actual), point).substr(1);
}

Precision precision_of(const ArrayFile& arrays) {
  const std::string text = arrays.required("precision");
  for (const Precision precision : {Precision::f32, Precision::f64, Precision::bf16}) {
    if (text == name(precision)) return precision;
  }
  throw Error(fmt::format("{}: precision: expected f32, f64 or bf16, found {}", arrays.file(), text));
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    parts.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::string or_nearest(const std::string& found, const std::vector<std::string>& known) {
  const std::string near = nearest(found, known);
  return near.empty() ? "" : fmt::format("; nearest: {}", near);
}

constexpr std::size_t no_number = std::numeric_limits<std::size_t>::max();

/// That three digits say; no_number where they are no such digits.
std::size_t number_of(const std::string& text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return text.size() == 3 && error == std::errc{} && end == text.data() + text.size() ? value : no_number;
}

/// Holds the names, shapes and types of a dump against a plan.
class NameCheck {
 public:
  NameCheck(const ArrayFile& arrays, const GoldenFile& expected) : arrays_(arrays), expected_(expected) {
    for (const auto& [path, array] : arrays.arrays()) check(path, array);
  }

  [[nodiscard]] std::vector<Site> unplanned() const { return {unplanned_.begin(), unplanned_.end()}; }

  void throw_if_any() const {
    if (problems_.empty()) return;
    if (problems_.size() == 1) throw Error(fmt::format("{}: {}", arrays_.file(), problems_.front()));
    std::string text =
        fmt::format("{}: expected the sites of {}, found {} wrong", arrays_.file(), expected_.file(), problems_.size());
    for (const std::string& problem : problems_) text += "\n  " + problem;
    throw Error(text);
  }

 private:
  void check(const std::string& path, const ArrayFile::Array& array) {
    if (path == "config" || path == "provenance") return;
    const std::vector<std::string> parts = split(path);
    const std::size_t call = parts.size() >= 4 ? number_of(parts[1]) : no_number;
    if (parts[0] != "calls" || call == no_number || (parts[2] != "inputs" && parts[2] != name(Values::actual))) {
      problems_.push_back(fmt::format("{}: expected calls/NNN/actual/... or calls/NNN/inputs/..., found this", path));
    } else if (parts[2] == "inputs") {
      check_input(path, parts[3]);
    } else {
      check_site(path, {call}, std::span(parts).subspan(3), array);
    }
  }

  void check_input(const std::string& path, const std::string& input) {
    const std::vector<std::string> known(input_names().begin(), input_names().end());
    if (std::ranges::find(known, input) != known.end()) return;
    problems_.push_back(fmt::format("{}: expected the name of an input, found this{}", path, or_nearest(input, known)));
  }

  void check_site(const std::string& path, CallIndex call, std::span<const std::string> parts,
                  const ArrayFile::Array& array) {
    const bool in_layer = parts.size() == 3 && parts[0] == "layers";
    const std::size_t layer = in_layer ? number_of(parts[1]) : no_number;
    const bool has_layer = layer != no_number;
    const std::optional<Site> site = site_from_name(parts.back());
    if (!site) {
      std::vector<std::string> known;
      for (const SiteInfo& each : all_sites()) known.emplace_back(each.name);
      problems_.push_back(
          fmt::format("{}: expected the name of a site, found this{}", path, or_nearest(parts.back(), known)));
    } else if ((parts.size() != 1 && !has_layer) || has_layer != (info(*site).scope == SiteScope::layer)) {
      problems_.push_back(fmt::format("{}: expected {}{}, found this", path,
                                      info(*site).scope == SiteScope::layer ? "layers/NNN/" : "", name(*site)));
    } else if (has_layer && layer >= common(expected_.config()).num_hidden_layers) {
      problems_.push_back(fmt::format("{}: expected layers 000 to {:03}, found this", path,
                                      common(expected_.config()).num_hidden_layers - 1));
    } else {
      ProbePoint point{*site, std::nullopt};
      if (has_layer) point.layer = LayerIndex{layer};
      check_value(path, call, point, array);
    }
  }

  void check_value(const std::string& path, CallIndex call, const ProbePoint& point, const ArrayFile::Array& array) {
    const std::vector<PlannedSite>& plan = expected_.calls().at(call.value).sites;
    const auto planned = std::ranges::find(plan, point, &PlannedSite::point);
    if (planned == plan.end()) {
      unplanned_.insert(point.site);
      return;
    }
    const SiteKind kind = info(point.site).kind;
    if (array.shape == planned->shape && may_hold(kind, array.dtype)) return;
    problems_.push_back(fmt::format("{}: expected {} {}, found {} {}", path, assay::to_string(planned->shape),
                                    dtypes_of(kind), assay::to_string(array.shape), name(array.dtype)));
  }

  const ArrayFile& arrays_;
  const GoldenFile& expected_;
  std::vector<std::string> problems_;
  std::set<Site> unplanned_;
};

}  // namespace

Dump::Dump(const std::filesystem::path& path) : arrays_(open_arrays(path)) {
  const auto require = [&](const std::string& attribute, std::string_view expected) {
    const std::string found = arrays_->required(attribute);
    if (found != expected) {
      throw Error(fmt::format("{}: {}: expected \"{}\", found \"{}\"", file(), attribute, expected, found));
    }
  };
  require("schema", schema);
  const std::string version = arrays_->required("schema_version");
  if (version.substr(0, version.find('.')) != fmt::to_string(schema_major)) {
    throw Error(fmt::format("{}: schema_version: expected {}.x, found {}", file(), schema_major, version));
  }
  require("kind", "dump");
  run_.engine = arrays_->required("engine");
  run_.precision = precision_of(*arrays_);
  run_.weights = arrays_->attribute("", "engine_weights").value_or("");
  if (const std::optional<std::string> threads = arrays_->attribute("", "threads")) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(threads->data(), threads->data() + threads->size(), value);
    if (error != std::errc{} || end != threads->data() + threads->size()) {
      throw Error(fmt::format("{}: threads: expected a number, found \"{}\"", file(), *threads));
    }
    run_.threads = value;
  }
}

std::vector<Site> Dump::check(const GoldenFile& expected) const {
  const NameCheck names(*arrays_, expected);
  names.throw_if_any();
  return names.unplanned();
}

bool Dump::holds(CallIndex call, const ProbePoint& point) const { return arrays_->has(path_of(call, point)); }

bool Dump::shows(CallIndex call, const ProbePoint& point) const {
  return holds(call, point) && (!is_per_slot(point.site) || holds(call, {Site::router_experts, point.layer}));
}

std::vector<double> Dump::values(CallIndex call, const ProbePoint& point) const {
  const std::string path = path_of(call, point);
  return widened(arrays_->bytes(path), arrays_->arrays().at(path).dtype);
}

std::vector<std::int64_t> Dump::integers(CallIndex call, const ProbePoint& point) const {
  const std::string path = path_of(call, point);
  return widened_integers(arrays_->bytes(path), arrays_->arrays().at(path).dtype);
}

}  // namespace assay::golden
