// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/gates_option.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "golden/format/null_distribution.hpp"
#include "model/error.hpp"

namespace assay {

GatesFinder::GatesFinder(std::string option) : option_(std::move(option)) {
  if (!option_.empty() && !std::filesystem::is_regular_file(option_)) {
    throw Error(fmt::format("--gates {}: expected a file that script/golden calibrate wrote, found none", option_));
  }
}

const golden::GatesFile& GatesFinder::open(const std::string& path) {
  const auto known = files_.find(path);
  return known != files_.end() ? known->second : files_.emplace(path, golden::GatesFile(path)).first->second;
}

FoundGates GatesFinder::find(const golden::GoldenFile& golden, golden::Values yardstick) {
  const auto missing = [&](const std::string& expected) {
    return FoundGates{std::nullopt, golden::Verdict::missing,
                      fmt::format("{}: expected {}, found none; run script/golden calibrate", golden.file(), expected)};
  };
  try {
    std::optional<golden::NullDistribution> noise = golden::NullDistribution::read(golden, yardstick);
    if (!noise) return missing(fmt::format("a null distribution of {}", golden::name(yardstick)));
    const std::string path =
        option_.empty() ? (std::filesystem::path(golden.file()).parent_path() / "gates.json").string() : option_;
    if (!std::filesystem::exists(path)) return missing("its gates in " + path);
    std::optional<golden::CaseGates> gates = open(path).find(golden, yardstick);
    if (!gates) return missing(fmt::format("gates of {} {} in {}", golden.case_name(), golden::name(yardstick), path));
    return {golden::Calibration{*std::move(noise), *std::move(gates)}, golden::Verdict::pass, ""};
  } catch (const Error& error) {
    return {std::nullopt, golden::Verdict::stale, error.what()};
  }
}

}  // namespace assay
