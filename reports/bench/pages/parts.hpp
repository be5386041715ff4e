// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Pieces that the pages of benchmarks share.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/result/result.hpp"
#include "bench/statistics/comparison.hpp"

namespace assay::reports {

/// A sign and the word, coloured: the three say the same.
[[nodiscard]] std::string verdict_markup(bench::Verdict verdict);

/// "breaks" (REGRESSED, INVALID), "noted" (INCONCLUSIVE), "better" (IMPROVED), "holds".
[[nodiscard]] std::string_view tone_class(bench::Verdict verdict);

/// What was timed: the model where the settings name one.
[[nodiscard]] std::string subject_text(const bench::Result& result);

/// "engine optimized, layers 4, threads 2": all settings but the model; "" for none.
[[nodiscard]] std::string settings_text(const std::map<std::string, std::string>& settings);

/// "2026-11-26 10:00:00+00:00, assay 0.1.0, commit 0123abc"
[[nodiscard]] std::string origin_text(const bench::Result& result);

/// Who else wanted the machine, in a sentence.
[[nodiscard]] std::string noise_text(const bench::Result& result);

/// A number of a chart with `digits` digits; null for what is no finite number.
[[nodiscard]] boost::json::value drawn_number(double number, int digits = 4);

/// Times of one call in the order in which they were taken.
[[nodiscard]] boost::json::array drawn_seconds(const std::vector<bench::Sample>& samples);

/// A section with a heading and, below it, a sentence ("" for none) and `inside`, which is markup. `id` and `classes`
/// are ours.
[[nodiscard]] std::string section_markup(std::string_view id, std::string_view classes, std::string_view heading,
                                         std::string_view meaning, std::string_view inside);

using Warnings = std::vector<std::string>;

/// A list that cannot be missed; "" for none.
[[nodiscard]] std::string warnings_markup(const Warnings& warnings);

}  // namespace assay::reports
