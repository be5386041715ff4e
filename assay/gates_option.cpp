// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/gates_option.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "golden/format/null_distribution.hpp"
#include "model/error.hpp"

namespace assay {
namespace {

using golden::Verdict;

/// Why a golden cannot be judged: it lacks something that can be made.
std::string none(const golden::GoldenFile& golden, const std::string& expected) {
  return fmt::format("{}: expected {}, found none; run script/golden calibrate", golden.file(), expected);
}

}  // namespace

GatesFinder::GatesFinder(std::string option) : option_(std::move(option)) {
  if (!option_.empty() && !std::filesystem::is_regular_file(option_)) {
    throw Error(fmt::format("--gates {}: expected a file that script/golden calibrate wrote, found none", option_));
  }
}

const golden::GatesFile& GatesFinder::open(const std::string& path) {
  const auto known = files_.find(path);
  return known != files_.end() ? known->second : files_.emplace(path, golden::GatesFile(path)).first->second;
}

std::string GatesFinder::path_of(const golden::GoldenFile& golden) const {
  return option_.empty() ? (std::filesystem::path(golden.file()).parent_path() / "gates.json").string() : option_;
}

FoundGates GatesFinder::find(const golden::GoldenFile& golden, golden::Values yardstick) {
  try {
    std::optional<golden::NullDistribution> noise = golden::NullDistribution::read(golden, yardstick);
    if (!noise) return {{}, Verdict::missing, none(golden, fmt::format("a null distribution of {}", name(yardstick)))};
    const std::string path = path_of(golden);
    if (!std::filesystem::exists(path)) return {{}, Verdict::missing, none(golden, "its gates in " + path)};
    std::optional<golden::CaseGates> gates = open(path).find(golden, yardstick);
    if (!gates) {
      const std::string expected = fmt::format("gates of {} {} in {}", golden.case_name(), name(yardstick), path);
      return {{}, Verdict::missing, none(golden, expected)};
    }
    return {golden::Calibration{*std::move(noise), *std::move(gates)}, Verdict::pass, ""};
  } catch (const Error& error) {
    return {{}, Verdict::stale, error.what()};
  }
}

FoundGenerationGates GatesFinder::find(const golden::GoldenFile& golden, const golden::RecordedGeneration& generation) {
  try {
    auto noise = golden::read_generation_noise(golden, generation.steps(), generation.rows());
    if (!noise) return {{}, Verdict::missing, none(golden, "a null distribution of its generation")};
    const std::string path = path_of(golden);
    if (!std::filesystem::exists(path)) return {{}, Verdict::missing, none(golden, "its gates in " + path)};
    const std::optional<golden::CaseGates> gates = open(path).find_generation(golden);
    if (!gates || !gates->sites.contains(Site::logits)) {
      const std::string expected = fmt::format("gates of the generation of {} in {}", golden.case_name(), path);
      return {{}, Verdict::missing, none(golden, expected)};
    }
    return {golden::GenerationCalibration{*std::move(noise), gates->sites.at(Site::logits)}, Verdict::pass, ""};
  } catch (const Error& error) {
    return {{}, Verdict::stale, error.what()};
  }
}

}  // namespace assay
