// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/site_matrix.hpp"

#include <algorithm>

namespace assay::golden {
namespace {

bool is_column_axis(Site site, std::size_t axis, std::size_t rank) {
  switch (site) {
    case Site::attn_scores:
    case Site::attn_probs:
    case Site::ssm_state:
      return axis == 1;
    case Site::q_rope:
    case Site::k_rope:
    case Site::cache_k:
    case Site::cache_v:
      return axis == 1 || axis == 3;
    default:
      return axis + 1 == rank;
  }
}

}  // namespace

SiteMatrix::SiteMatrix(const PlannedSite& site) {
  const std::size_t rank = site.shape.size();
  std::size_t stride = 1;
  for (std::size_t axis = rank; axis-- > 0;) {
    const bool is_column = is_column_axis(site.point.site, axis, rank);
    axes_.push_back({stride, site.shape[axis], is_column});
    stride *= site.shape[axis];
    (is_column ? columns_ : rows_) *= site.shape[axis];
  }
  std::ranges::reverse(axes_);
}

std::size_t SiteMatrix::index(std::size_t element, bool of_columns) const {
  std::size_t index = 0;
  for (const Axis& axis : axes_) {
    if (axis.is_column == of_columns) index = index * axis.extent + element / axis.stride % axis.extent;
  }
  return index;
}

bool has_noise(Site site) {
  switch (info(site).kind) {
    case SiteKind::mask:
    case SiteKind::routing:
    case SiteKind::constant:
      return false;
    case SiteKind::value:
    case SiteKind::state:
      break;
  }
  return site != Site::loss && site != Site::aux_loss && site != Site::hidden_states && site != Site::attentions;
}

}  // namespace assay::golden
