// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/golden_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "golden/format/input_reader.hpp"
#include "golden/format/recorded_checkpoint.hpp"
#include "golden/format/router_margin.hpp"
#include "golden/format/schema.hpp"
#include "golden/format/site_check.hpp"
#include "golden/format/stored_values.hpp"
#include "model/error.hpp"

namespace assay::golden {
namespace {

std::string required_string(const Hdf5Reader& reader, const std::string& name) {
  const auto value = reader.string_attribute("/", name);
  if (!value) throw Error(fmt::format("{}: attribute {}: expected a string, found none", reader.file(), name));
  return *value;
}

/// {major, minor} of "1.0".
std::pair<int, int> parse_version(const std::string& file, const std::string& text) {
  std::pair<int, int> version{-1, -1};
  const char* end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, version.first);
  if (error == std::errc{} && dot != end && *dot == '.') {
    const auto [rest, minor_error] = std::from_chars(dot + 1, end, version.second);
    if (minor_error == std::errc{} && rest == end && version.first >= 0 && version.second >= 0) return version;
  }
  throw Error(fmt::format("{}: schema_version: expected \"{}\", found \"{}\"", file, schema_version, text));
}

/// The sites of "attn_scores, attn_probs"; none where the attribute is absent.
std::vector<Site> read_site_list(const Hdf5Reader& reader, const std::string& attribute) {
  std::vector<Site> sites;
  const std::string text = reader.string_attribute("/", attribute).value_or("");
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(", ", start), text.size());
    const std::string name = text.substr(start, end - start);
    const std::optional<Site> site = site_from_name(name);
    if (!site) {
      throw Error(
          fmt::format("{}: attribute {}: expected names of sites, found \"{}\"", reader.file(), attribute, name));
    }
    sites.push_back(*site);
    start = end + 2;
  }
  return sites;
}

/// Of the attribute `exact`: sites that may have such a value.
std::vector<Site> read_exact(const Hdf5Reader& reader) {
  std::vector<Site> sites = read_site_list(reader, "exact");
  for (const Site site : sites) {
    const SiteKind kind = info(site).kind;
    if (kind == SiteKind::value || kind == SiteKind::state) continue;
    throw Error(fmt::format("{}: attribute exact: expected sites that are computed in floating point, found {}",
                            reader.file(), name(site)));
  }
  return sites;
}

}  // namespace

std::string_view name(Values values) {
  switch (values) {
    case Values::truth:
      return "truth";
    case Values::hf32:
      return "hf32";
    case Values::hf_bf16:
      return "hf_bf16";
    case Values::actual:
      return "actual";
  }
  return "?";
}

GoldenFile::GoldenFile(const std::filesystem::path& path) : reader_(path) {
  read_root();
  read_calls();
  check_sites();
}

bool GoldenFile::records(Site site) const { return std::ranges::find(not_recorded_, site) == not_recorded_.end(); }

/// In this layer; of a site of all layers without one, in each.
bool GoldenFile::holds(CallIndex call, Site site, const std::optional<LayerIndex>& layer) const {
  return std::ranges::all_of(calls_[call.value].sites, [&](const PlannedSite& planned) {
    const bool asked = planned.point.site == site && (!layer || !planned.point.layer || planned.point.layer == layer);
    return !asked || reader_.has(site_path(call, name(Values::actual), planned.point));
  });
}

bool GoldenFile::records(CallIndex call, const ProbePoint& point) const {
  if (kind_ == Kind::golden) return records(point.site);
  if (!holds(call, point.site, point.layer)) return false;
  std::vector<Site> by = judged_by(point.site);
  // The choice of experts is judged by the logits; a loss has a part of the router's where it is asked for.
  if (is_per_slot(point.site)) by.push_back(Site::router_logits);
  if (point.site == Site::loss && calls_[call.value].output_router_logits) by.push_back(Site::router_logits);
  return std::ranges::all_of(by, [&](Site site) { return holds(call, site, point.layer); });
}

Values GoldenFile::witness() const {
  if (kind_ == Kind::dump) return Values::actual;
  return has_truth_ ? Values::truth : Values::hf32;
}

bool GoldenFile::is_exact(Site site) const { return std::ranges::find(exact_, site) != exact_.end(); }

bool GoldenFile::has(Values values) const {
  if (kind_ == Kind::dump) return values == Values::actual;
  return values == Values::hf32 || (values == Values::truth && has_truth_) || (values == Values::hf_bf16 && has_bf16_);
}

std::string GoldenFile::text(const std::string& dataset) const {
  if (!reader_.has(dataset)) throw Error(fmt::format("{}: {}: expected a text, found none", file(), dataset));
  const std::vector<std::uint8_t> bytes = reader_.read<std::uint8_t>(dataset);
  return {bytes.begin(), bytes.end()};
}

void GoldenFile::read_root() {
  if (const std::string found = required_string(reader_, "schema"); found != schema) {
    throw Error(fmt::format("{}: schema: expected \"{}\", found \"{}\"", file(), schema, found));
  }
  const std::string version = required_string(reader_, "schema_version");
  const auto [major, minor] = parse_version(file(), version);
  if (major != schema_major) {
    throw Error(fmt::format("{}: schema_version: expected {}.x, found {}", file(), schema_major, version));
  }
  if (minor > schema_minor) {
    warnings_.push_back(fmt::format("{}: schema_version {} is newer than {}: what it adds is not judged", file(),
                                    version, schema_version));
  }
  const std::string kind = required_string(reader_, "kind");
  if (kind != "golden" && kind != "dump") {
    throw Error(fmt::format("{}: kind: expected \"golden\" or \"dump\", found \"{}\"", file(), kind));
  }
  kind_ = kind == "dump" ? Kind::dump : Kind::golden;
  const bool is_dump = kind_ == Kind::dump;
  case_name_ = is_dump ? reader_.string_attribute("/", "case").value_or("") : required_string(reader_, "case");
  seed_ = is_dump ? reader_.integer_attribute("/", "seed").value_or(0) : required_integer(reader_, "/", "seed");
  if (is_dump) {
    reader_.forgo_checksums();
    engine_ = required_string(reader_, "engine");
    precision_ = required_string(reader_, "precision");
    if (precision_ != "f32" && precision_ != "f64") {
      throw Error(fmt::format("{}: precision: expected \"f32\" or \"f64\", found \"{}\"", file(), precision_));
    }
    not_provided_ = read_site_list(reader_, "not_provided");
  } else {
    not_recorded_ = read_site_list(reader_, "not_recorded");
    exact_ = read_exact(reader_);
  }
  config_text_ = text("/config");
  config_ = parse_config(config_text_, file() + ": /config");
  provenance_ = is_dump && !reader_.has("/provenance") ? "{}" : text("/provenance");
  if (const std::string type = required_string(reader_, "model_type"); type != model_type(config_)) {
    throw Error(
        fmt::format("{}: model_type: expected \"{}\" as in /config, found \"{}\"", file(), model_type(config_), type));
  }
  read_phimoe_longrope();
  weights_ = is_dump ? reader_.string_attribute("/", "weights").value_or("none") : required_string(reader_, "weights");
  if (weights_ == "checkpoint") {
    checkpoint_ = parse_recorded_checkpoint(text("/checkpoint"), file() + ": /checkpoint");
  } else if (weights_ != "embedded" && !(is_dump && weights_ == "none")) {
    throw Error(fmt::format("{}: weights: expected \"embedded\" or \"checkpoint\", found \"{}\"", file(), weights_));
  }
}

void GoldenFile::read_phimoe_longrope() {
  const std::optional<std::string> text = reader_.string_attribute("/", "phimoe_longrope");
  if (!text) return;
  auto* const phimoe = std::get_if<PhimoeConfig>(&config_);
  if (phimoe == nullptr) {
    throw Error(fmt::format("{}: phimoe_longrope: expected none in a golden of a {}, found \"{}\"", file(),
                            model_type(config_), *text));
  }
  const std::optional<PhimoeLongrope> longrope = phimoe_longrope_from(*text);
  if (!longrope) {
    throw Error(fmt::format("{}: phimoe_longrope: expected \"hf5\" or \"hf4\", found \"{}\"", file(), *text));
  }
  phimoe->longrope = *longrope;
}

void GoldenFile::read_calls() {
  const std::vector<std::string> names =
      reader_.has("/calls") ? reader_.children("/calls") : std::vector<std::string>{};
  const bool holds_generation = kind_ == Kind::golden && reader_.has("/generation");
  if (names.empty() && !holds_generation) {
    throw Error(fmt::format("{}: /calls: expected at least one call, found none", file()));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const std::string expected = fmt::format("{:03}", i); names[i] != expected) {
      throw Error(fmt::format("{}: /calls: expected {}, found {}", file(), expected, names[i]));
    }
    calls_.push_back(read_call(reader_, config_, CallIndex{i}, calls_.empty() ? nullptr : &calls_.back()));
  }
  // All calls have a truth or none has: one that lost it is damaged, not made without.
  for (std::size_t i = 0; i < names.size() && kind_ == Kind::golden; ++i) {
    has_truth_ = has_truth_ || reader_.has(call_path(CallIndex{i}) + "/truth");
    has_bf16_ = has_bf16_ || reader_.has(call_path(CallIndex{i}) + "/hf_bf16");
  }
}

void GoldenFile::check_sites() const {
  SiteCheck check(reader_, not_recorded_);
  for (const RecordedCall& call : calls_) check.requirements(call.sites);
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const CallIndex call{i};
    if (kind_ == Kind::dump) {
      check.dump_values(call, calls_[i].sites, name(Values::actual));
      continue;
    }
    check.values(call, calls_[i].sites, name(Values::hf32), DType::f32);
    if (has_truth_) check.values(call, calls_[i].sites, name(Values::truth), DType::f64);
    if (has_bf16_) check.values(call, calls_[i].sites, name(Values::hf_bf16), DType::f32);
    check.margins(call, calls_[i].sites, name(has_truth_ ? Values::truth : Values::hf32));
  }
  check.throw_if_any();
}

std::vector<double> GoldenFile::values(CallIndex call, Values which, const ProbePoint& point) const {
  const std::string path = site_path(call, name(which), point);
  if (which == Values::actual) return widened(reader_.read_bytes(path), reader_.describe(path).dtype);
  // Opening has held the types against these.
  const bool is_narrow =
      which == Values::hf32 || which == Values::hf_bf16 || info(point.site).kind == SiteKind::constant;
  std::vector<double> values;
  if (is_narrow) {
    const std::vector<float> narrow = reader_.read<float>(path);
    values.assign(narrow.begin(), narrow.end());
  } else {
    values = reader_.read<double>(path);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      throw Error(fmt::format("{}: {}: element {}: expected a finite number, found {}", file(), path, i, values[i]));
    }
  }
  return values;
}

std::vector<std::int64_t> GoldenFile::integers(CallIndex call, Values which, const ProbePoint& point) const {
  const std::string path = site_path(call, name(which), point);
  std::int64_t count = 2;  // of the values that the site may have: a mask is 0 or 1
  if (info(point.site).kind == SiteKind::routing) count = static_cast<std::int64_t>(common(config_).num_local_experts);
  const std::vector<std::int64_t> values = widened_integers(reader_.read_bytes(path), reader_.describe(path).dtype);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0 || values[i] >= count) {
      throw Error(fmt::format("{}: {}: element {}: expected 0 to {}, found {}", file(), path, i, count - 1, values[i]));
    }
  }
  return values;
}

std::vector<double> GoldenFile::router_margin(CallIndex call, LayerIndex layer) const {
  if (kind_ == Kind::dump) {
    const ProbePoint logits{Site::router_logits, layer};
    const RecordedCall& recorded = calls_[call.value];
    return router_margins(config_, values(call, Values::actual, logits), recorded.batch() * recorded.length());
  }
  const std::string path = margin_path(call, name(has_truth_ ? Values::truth : Values::hf32), layer);
  std::vector<double> margin = reader_.read<double>(path);
  for (std::size_t i = 0; i < margin.size(); ++i) {
    if (!(margin[i] >= 0.0) || !std::isfinite(margin[i])) {
      throw Error(
          fmt::format("{}: {}: element {}: expected a finite number from 0 up, found {}", file(), path, i, margin[i]));
    }
  }
  return margin;
}

EmbeddedWeights::EmbeddedWeights(const GoldenFile& golden) : where_(golden.file()) {
  const Hdf5Reader& reader = golden.reader();
  for (const std::string& tensor : reader.children("/weights")) {
    const std::string path = "/weights/" + tensor;
    const Hdf5Reader::Dataset about = reader.describe(path);
    bytes_.push_back(reader.read_bytes(path));
    tensors_[tensor] = {about.dtype, about.shape, bytes_.back(), where_};
  }
}

}  // namespace assay::golden
