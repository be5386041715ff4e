// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/effective_rows.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace assay::golden {
namespace {

/// The heads of a state of the scan forget at their own pace: each has a history of its own.
bool is_head_of_state(const PlannedSite& site, std::string_view axis) {
  return site.point.site == Site::ssm_state && axis == "head";
}

/// Which row each element of a site belongs to: the index over some of its axes.
class RowOf {
 public:
  explicit RowOf(const PlannedSite& site) {
    const std::string_view axes = info(site.point.site).axes;
    const bool has_tokens = axes.find("token") != std::string_view::npos;
    std::size_t stride = elements(site.shape);
    std::size_t start = 0;
    for (const std::size_t extent : site.shape) {
      const std::size_t end = std::min(axes.find(',', start), axes.size());
      const std::string_view axis = axes.substr(start, end - start);
      start = std::min(end + 1, axes.size());
      stride = extent == 0 ? 0 : stride / extent;
      const bool counts = axis == "batch" || axis == "token" ||
                          (!has_tokens && (axis == "key" || axis == "tap" || is_head_of_state(site, axis)));
      if (!counts) continue;
      counted_.push_back({stride, extent});
      rows_ *= extent;
    }
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }

  [[nodiscard]] std::size_t operator()(std::size_t element) const {
    std::size_t row = 0;
    for (const Axis& axis : counted_) row = row * axis.extent + element / axis.stride % axis.extent;
    return row;
  }

 private:
  struct Axis {
    std::size_t stride;
    std::size_t extent;
  };

  std::vector<Axis> counted_;
  std::size_t rows_ = 1;
};

double effective_count(std::span<const double> squares) {
  double sum = 0.0;
  double of_squares = 0.0;
  for (const double square : squares) {
    sum += square;
    of_squares += square * square;
  }
  return of_squares > 0.0 ? sum * sum / of_squares : 1.0;
}

}  // namespace

double effective_rows(const PlannedSite& site, const Places& places, std::span<const double> judged) {
  const RowOf row_of(site);
  std::vector<double> squares(row_of.rows(), 0.0);
  for (std::size_t i = 0; i < judged.size(); ++i) {
    squares[row_of(places ? (*places)[i] : i)] += judged[i] * judged[i];
  }
  return effective_count(squares);
}

double effective_rows(std::span<const double> values, std::size_t width) {
  std::vector<double> squares(values.size() / width, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) squares[i / width] += values[i] * values[i];
  return effective_count(squares);
}

}  // namespace assay::golden
