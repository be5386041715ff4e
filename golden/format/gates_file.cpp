// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/gates_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <cmath>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>

#include "golden/format/null_distribution.hpp"
#include "model/error.hpp"
#include "model/files/json.hpp"
#include "model/files/sha256.hpp"

namespace assay::golden {
namespace {

namespace json = boost::json;

constexpr std::size_t digest_digits = 64;
constexpr double rounding = 1e-4;  // numbers stand there with four decimals
constexpr const char* generation_key = "generation";
constexpr std::string_view digest_key = "\"sha256\": \"";

/// How a gate follows from the largest ratio that the null distribution has.
struct Formula {
  double least = 0;
  double factor = 0;
  double ceiling = 0;

  [[nodiscard]] double gate(double null) const { return std::max(least, factor * null); }
};

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(fmt::format("{}: expected a readable file of gates, found none", path.string()));
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The reader of one file, which names it and the key in every complaint.
class Parser {
 public:
  explicit Parser(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] const json::value& member(const json::value& parent, const std::string& where,
                                          std::string_view key) const {
    if (!parent.is_object()) fail(where, "an object", "none");
    const json::value* value = parent.get_object().if_contains(key);
    if (value == nullptr) fail(where, fmt::format("\"{}\"", key), "none");
    return *value;
  }

  [[nodiscard]] std::string text(const json::value& parent, const std::string& where, std::string_view key) const {
    const json::value& value = member(parent, where, key);
    if (!value.is_string()) fail(where + "." + std::string(key), "a string", "something else");
    return std::string(value.get_string());
  }

  [[nodiscard]] double number(const json::value& value, const std::string& where) const {
    if (!value.is_number()) fail(where, "a number", "something else");
    const double number = value.to_number<double>();
    if (!std::isfinite(number) || number < 0.0) fail(where, "a finite number from 0 up", fmt::format("{}", number));
    return number;
  }

  [[nodiscard]] Formula formula(const json::value& formulas, std::string_view measure) const {
    const std::string where = fmt::format("formula.{}", measure);
    const json::value& object = member(formulas, "formula", measure);
    return {number(member(object, where, "least"), where + ".least"),
            number(member(object, where, "factor"), where + ".factor"),
            number(member(object, where, "ceiling"), where + ".ceiling")};
  }

  /// The gates of an object with `null` and `gates`, each held against its formula.
  template <std::size_t N>
  [[nodiscard]] std::array<double, N> gates(const json::value& object, const std::string& where,
                                            const std::array<Formula, N>& formulas,
                                            const std::array<std::string_view, N>& measures) const {
    const json::value& null = member(object, where, "null");
    const json::value& gates = member(object, where, "gates");
    std::array<double, N> result{};
    for (const auto& [list, name] : {std::pair(&null, "null"), std::pair(&gates, "gates")}) {
      if (!list->is_array() || list->get_array().size() != N) {
        fail(fmt::format("{}.{}", where, name), fmt::format("{} numbers", N), "others");
      }
    }
    for (std::size_t i = 0; i < N; ++i) {
      const std::string here = fmt::format("{} {}", where, measures[i]);
      const double spread = number(null.get_array()[i], here);
      const double gate = number(gates.get_array()[i], here);
      if (gate < spread)
        fail(here, fmt::format("a gate of at least {:.4g}, the spread of its null", spread),
             fmt::format("{:.4g}", gate));
      if (gate > formulas[i].ceiling) {
        fail(here, fmt::format("a gate of at most {:.4g}: beyond it a golden is not calibrated", formulas[i].ceiling),
             fmt::format("{:.4g}", gate));
      }
      const double derived = formulas[i].gate(spread);
      if (!(std::abs(gate - derived) <= rounding * std::max(1.0, derived))) {
        fail(here, fmt::format("the gate {:.6g} that follows from its null value", derived),
             fmt::format("{:.6g}", gate));
      }
      result[i] = gate;
    }
    return result;
  }

  [[noreturn]] void fail(const std::string& where, const std::string& expected, const std::string& found) const {
    throw Error(
        fmt::format("{}: {}: expected {}, found {}; run script/golden calibrate", file_, where, expected, found));
  }

 private:
  std::string file_;
};

/// A measure as the file names it. What its formula is stands in the file; that it is no weaker than this does not.
struct Measured {
  std::string_view name;
  Formula weakest;
};

/// The worst of thousands of rows or columns, which of a call of one token are its elements, and the bias of a wide
/// state, whose error may be one common factor, reach further than the norm of a tensor (docs/numerics.md).
constexpr std::array of_sites{Measured{"tensor", {2.0, 1.25, 10.0}}, Measured{"row", {3.0, 1.25, 30.0}},
                              Measured{"column", {3.0, 1.25, 30.0}}, Measured{"largest", {4.0, 1.25, 10.0}},
                              Measured{"bias", {8.0, 2.0, 1000.0}}};
/// A divergence goes with the square of the error.
constexpr std::array of_logits{Measured{"kl_mean", {4.0, 1.5625, 100.0}}, Measured{"kl_max", {16.0, 1.5625, 100.0}}};

template <std::size_t N>
std::array<Formula, N> read_formulas(const Parser& parser, const json::value& root,
                                     const std::array<Measured, N>& measures) {
  const json::value& formulas = parser.member(root, "", "formula");
  std::array<Formula, N> result;
  for (std::size_t i = 0; i < N; ++i) {
    const Formula& weakest = measures[i].weakest;
    const Formula found = parser.formula(formulas, measures[i].name);
    if (found.least > weakest.least || found.factor > weakest.factor || found.ceiling > weakest.ceiling) {
      parser.fail(fmt::format("formula.{}", measures[i].name),
                  fmt::format("at most {} least, {} times the null, {} ceiling", weakest.least, weakest.factor,
                              weakest.ceiling),
                  fmt::format("{}, {}, {}", found.least, found.factor, found.ceiling));
    }
    result[i] = found;
  }
  return result;
}

template <std::size_t N>
std::array<std::string_view, N> names(const std::array<Measured, N>& measures) {
  std::array<std::string_view, N> result;
  std::ranges::transform(measures, result.begin(), &Measured::name);
  return result;
}

/// What the file says its own hash is must be the hash of all the rest.
void check_hash(const Parser& parser, const std::string& file, const json::value& root, std::string text) {
  const std::string digest = parser.text(root, "", "sha256");
  const std::size_t at = text.find(digest_key);
  if (digest.size() != digest_digits || at == std::string::npos) parser.fail("sha256", "64 digits", digest);
  text.replace(at + digest_key.size(), digest_digits, digest_digits, '0');
  const std::string found = sha256(std::as_bytes(std::span(text)));
  if (found == digest) return;
  throw Error(
      fmt::format("{}: expected the sha256 {} that it was written with, found {}: edited by hand; "
                  "run script/golden calibrate",
                  file, digest, found));
}

CaseGates read_case(const Parser& parser, const json::value& root, const json::value& runs, const std::string& where) {
  CaseGates gates;
  const json::value& sites = parser.member(runs, where, "sites");
  if (!sites.is_object()) parser.fail(where + " sites", "an object", "none");
  const auto formulas = read_formulas(parser, root, of_sites);
  for (const auto& [key, of_site] : sites.get_object()) {
    const std::string_view site_name(key);
    const std::optional<Site> site = site_from_name(site_name);
    if (!site) parser.fail(where, "names of sites", fmt::format("\"{}\"", site_name));
    const auto values = parser.gates(of_site, fmt::format("{} {}", where, site_name), formulas, names(of_sites));
    gates.sites[*site] = {values[0], values[1], values[2], values[3], values[4]};
  }
  if (const json::value* of_kl = runs.get_object().if_contains("kl")) {
    const auto values = parser.gates(*of_kl, where + " kl", read_formulas(parser, root, of_logits), names(of_logits));
    gates.logits = LogitsGates{values[0], values[1]};
  }
  return gates;
}

}  // namespace

GatesFile::GatesFile(const std::filesystem::path& path) : file_(path.string()) {
  const std::string text = read_text(path);
  const json::value root = parse_json(text, file_, DuplicateKeys::refused);
  const Parser parser(file_);
  if (const std::string found = parser.text(root, "", "schema"); found != "assay.gates") {
    parser.fail("schema", "\"assay.gates\"", "\"" + found + "\"");
  }
  if (const std::string found = parser.text(root, "", "schema_version"); !found.starts_with("1.")) {
    parser.fail("schema_version", "1.x", found);
  }
  check_hash(parser, file_, root, text);
  (void)read_formulas(parser, root, of_sites);
  (void)read_formulas(parser, root, of_logits);
  const json::value& goldens = parser.member(root, "", "goldens");
  if (!goldens.is_object()) parser.fail("goldens", "an object", "none");
  for (const auto& [name, golden] : goldens.get_object()) {
    const std::string case_name(name);
    Entry entry{parser.text(golden, case_name, "null_sha256"), {}};
    for (const std::string yardstick : {"hf32", "hf_bf16", generation_key}) {
      if (const json::value* runs = golden.get_object().if_contains(yardstick)) {
        entry.by_yardstick[yardstick] = read_case(parser, root, *runs, case_name + " " + yardstick);
      }
    }
    goldens_[case_name] = std::move(entry);
  }
}

std::optional<CaseGates> GatesFile::find(const GoldenFile& golden, Values yardstick) const {
  return find(golden, std::string(name(yardstick)));
}

std::optional<CaseGates> GatesFile::find_generation(const GoldenFile& golden) const {
  return find(golden, generation_key);
}

std::optional<CaseGates> GatesFile::find(const GoldenFile& golden, const std::string& runs) const {
  const auto entry = goldens_.find(golden.case_name());
  if (entry == goldens_.end()) return std::nullopt;
  const auto gates = entry->second.by_yardstick.find(runs);
  if (gates == entry->second.by_yardstick.end()) return std::nullopt;
  if (const std::string found = null_sha256(golden); found != entry->second.null_sha256) {
    throw Error(
        fmt::format("{}: expected gates of its null distribution {}, found in {} those of {}; "
                    "run script/golden calibrate",
                    golden.file(), found.substr(0, 12), file_, entry->second.null_sha256.substr(0, 12)));
  }
  return gates->second;
}

}  // namespace assay::golden
