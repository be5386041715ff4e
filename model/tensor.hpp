// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// An owned dense row-major tensor of fixed rank.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "model/view.hpp"

namespace assay {

template <class T, std::size_t Rank>
class Tensor {
 public:
  Tensor() = default;
  /// All elements zero.
  explicit Tensor(const std::array<std::size_t, Rank>& extents)
      : values_(View<T, Rank>(nullptr, extents).elements()), extents_(extents) {}

  [[nodiscard]] View<T, Rank> view() { return {values_.data(), extents_}; }
  [[nodiscard]] View<const T, Rank> view() const { return {values_.data(), extents_}; }
  [[nodiscard]] std::size_t extent(std::size_t axis) const { return extents_[axis]; }
  [[nodiscard]] bool empty() const { return values_.empty(); }

  template <class... Index>
  T& operator()(Index... index) {
    return view()(index...);
  }
  template <class... Index>
  const T& operator()(Index... index) const {
    return view()(index...);
  }

 private:
  std::vector<T> values_;
  std::array<std::size_t, Rank> extents_{};
};

}  // namespace assay
