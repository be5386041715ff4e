// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/noise_ratios.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "golden/format/site_matrix.hpp"
#include "golden/judge/metrics.hpp"

namespace assay::golden {
namespace {

/// Sums over the judged elements of one row or column.
struct Line {
  double error_squares = 0;
  double expected_squares = 0;
  std::size_t judged = 0;
};

double ratio_of(double error, double noise) {
  if (error == 0.0) return 0.0;
  return noise > 0.0 ? error / noise : std::numeric_limits<double>::infinity();
}

/// Whether `a` is the worse of two shares of a gate; a NaN is the worst.
bool is_worse(double a, double b) { return std::isnan(a) || (!std::isnan(b) && a > b); }

/// The line whose error is the most of what it may be.
NoiseRatio worst_line(Measure measure, const Tolerances& table, const std::vector<Line>& lines,
                      std::span<const float> noise, double gate, double roundoff, double relative_noise) {
  NoiseRatio worst{measure, 0.0, gate, 0, lines.size()};
  double worst_share = -1.0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].judged == 0) continue;
    const double scale = std::sqrt(lines[i].expected_squares);
    const double floor = std::max(table.line_roundings * roundoff, table.line_noise_share * relative_noise) * scale;
    const double value = ratio_of(std::sqrt(lines[i].error_squares), std::max(static_cast<double>(noise[i]), floor));
    const double allowed = gate * sample_factor(table, static_cast<double>(lines[i].judged));
    if (!is_worse(value / allowed, worst_share)) continue;
    worst_share = value / allowed;
    worst = {measure, value, allowed, i, lines.size()};
  }
  return worst;
}

}  // namespace

std::vector<NoiseRatio> noise_ratios(const Tolerances& table, const PlannedSite& site, const NoiseYardstick& yardstick,
                                     const Places& places, std::span<const double> expected,
                                     std::span<const double> actual) {
  const SiteMatrix matrix(site);
  std::vector<Line> rows(matrix.rows());
  std::vector<Line> columns(matrix.columns());
  double error_squares = 0.0;
  double largest = 0.0;
  double along = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double error = actual[i] - expected[i];
    const std::size_t element = places ? (*places)[i] : i;
    for (Line* line : {&rows[matrix.row_of(element)], &columns[matrix.column_of(element)]}) {
      line->error_squares += error * error;
      line->expected_squares += expected[i] * expected[i];
      ++line->judged;
    }
    error_squares += error * error;
    along += error * expected[i];
    if (is_worse(std::abs(error), largest)) largest = std::abs(error);
  }
  const double scale = norm_l2(expected);
  const double tensor_gate = yardstick.gates.tensor * yardstick.sample;
  const double largest_gate = yardstick.gates.largest * yardstick.sample;
  const double noise = yardstick.limits.l2 / tensor_gate;
  const double relative_noise = scale > 0.0 ? noise / scale : 0.0;
  const double samples = static_cast<double>(expected.size());
  return {
      {Measure::tensor, tensor_gate * ratio_of(std::sqrt(error_squares), yardstick.limits.l2), tensor_gate, 0, 1},
      worst_line(Measure::row, table, rows, yardstick.noise.rows, yardstick.gates.row, yardstick.roundoff,
                 relative_noise),
      worst_line(Measure::column, table, columns, yardstick.noise.columns, yardstick.gates.column, yardstick.roundoff,
                 relative_noise),
      {Measure::largest, largest_gate * ratio_of(largest, yardstick.limits.max_abs), largest_gate, 0, 1},
      {Measure::bias, ratio_of(std::abs(along) * std::sqrt(samples), scale * noise),
       yardstick.gates.bias * sample_factor(table, yardstick.rows), 0, 1},
  };
}

double noise_l2(const PlannedSite& site, const SiteNoise& noise, const Places& places) {
  std::vector<bool> judged(noise.rows.size(), !places);
  if (places) {
    const SiteMatrix matrix(site);
    for (const std::size_t place : *places) judged[matrix.row_of(place)] = true;
  }
  double squares = 0.0;
  for (std::size_t row = 0; row < judged.size(); ++row) {
    if (judged[row]) squares += static_cast<double>(noise.rows[row]) * static_cast<double>(noise.rows[row]);
  }
  return std::sqrt(squares);
}

const NoiseRatio* first_broken(std::span<const NoiseRatio> ratios) {
  const auto broken =
      std::ranges::find_if(ratios, [](const NoiseRatio& ratio) { return !(ratio.value <= ratio.gate); });
  return broken == ratios.end() ? nullptr : &*broken;
}

std::string to_string(const NoiseRatio& ratio) {
  const bool is_line = ratio.measure == Measure::row || ratio.measure == Measure::column;
  const std::string what = is_line ? fmt::format("{} {} of {}", name(ratio.measure), ratio.where, ratio.samples)
                                   : std::string(name(ratio.measure));
  return fmt::format("{}: {:.3g} times the noise of transformers, {:.3g} allowed", what, ratio.value, ratio.gate);
}

}  // namespace assay::golden
