// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A site seen as a matrix (golden/FORMAT.md, "Null distribution"): rows are what was computed together for one token,
// columns what the same weights made in every row. A fault of one of either hides in the norm of the whole.
#pragma once

#include <cstddef>
#include <vector>

#include "model/site_plan.hpp"

namespace assay::golden {

class SiteMatrix {
 public:
  explicit SiteMatrix(const PlannedSite& site);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::size_t row_of(std::size_t element) const { return index(element, false); }
  [[nodiscard]] std::size_t column_of(std::size_t element) const { return index(element, true); }

 private:
  struct Axis {
    std::size_t stride = 1;
    std::size_t extent = 1;
    bool is_column = false;
  };

  [[nodiscard]] std::size_t index(std::size_t element, bool of_columns) const;

  std::vector<Axis> axes_;
  std::size_t rows_ = 1;
  std::size_t columns_ = 1;
};

/// Whether a site has a null distribution where it is recorded: floating point, and no constant, loss or tuple of other
/// sites.
[[nodiscard]] bool has_noise(Site site);

}  // namespace assay::golden
