// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/load_balancing.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace assay::optimized {
namespace {

/// Rows whose sums are one double each before they join the others: the pieces are the same for every number of
/// threads.
constexpr std::size_t piece_rows = 64;

/// The order in which experts are chosen: the larger logit, then the lower number.
bool before(const float* logits, std::size_t a, std::size_t b) {
  return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
}

}  // namespace

LoadBalancing::LoadBalancing(std::size_t experts, std::size_t experts_per_token,
                             std::optional<View<const std::int64_t, 2>> mask)
    : experts_(experts), experts_per_token_(experts_per_token), mask_(mask), sums_(2 * experts) {}

void LoadBalancing::add_row(const float* logits, double weight, double* sums) const {
  std::size_t last = experts_;
  for (std::size_t slot = 0; slot < experts_per_token_; ++slot) {
    std::size_t next = experts_;
    for (std::size_t e = 0; e < experts_; ++e) {
      const bool is_left = last == experts_ || before(logits, last, e);
      if (is_left && (next == experts_ || before(logits, e, next))) next = e;
    }
    if (next == experts_) break;
    sums[next] += weight;
    last = next;
  }
  const auto largest = static_cast<double>(*std::max_element(logits, logits + experts_));
  double sum = 0;
  for (std::size_t e = 0; e < experts_; ++e) sum += std::exp(static_cast<double>(logits[e]) - largest);
  for (std::size_t e = 0; e < experts_; ++e) {
    sums[experts_ + e] += weight * std::exp(static_cast<double>(logits[e]) - largest) / sum;
  }
}

void LoadBalancing::add(Rows<const float> router_logits, const Threads& threads) {
  assert(router_logits.width == experts_ && "a logit of every expert");
  const std::size_t pieces = (router_logits.count + piece_rows - 1) / piece_rows;
  const std::size_t width = sums_.size();
  of_piece_.assign(pieces * width, 0.0);
  const auto weight_of = [&](std::size_t row) { return mask_ ? static_cast<double>(mask_->flat()[row]) : 1.0; };
  threads.split(pieces, 2, [&](Range range) {
    for (std::size_t piece = range.first; piece < range.last; ++piece) {
      const std::size_t end = std::min((piece + 1) * piece_rows, router_logits.count);
      for (std::size_t row = piece * piece_rows; row < end; ++row) {
        if (weight_of(row) != 0.0) add_row(router_logits[row], weight_of(row), of_piece_.data() + piece * width);
      }
    }
  });
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    for (std::size_t i = 0; i < width; ++i) sums_[i] += of_piece_[piece * width + i];
  }
  for (std::size_t row = 0; row < router_logits.count; ++row) rows_ += weight_of(row);
}

double LoadBalancing::loss() const {
  double sum = 0;
  for (std::size_t e = 0; e < experts_; ++e) sum += (sums_[e] / rows_) * (sums_[experts_ + e] / rows_);
  return sum * static_cast<double>(experts_);
}

}  // namespace assay::optimized
