// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A borrowed dense row-major tensor of fixed rank. It owns nothing and checks only by assertion: shapes are
// checked where data enter the program.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <span>
#include <type_traits>

#include "model/shape.hpp"

namespace assay {

template <class T, std::size_t Rank>
class View {
 public:
  using Extents = std::array<std::size_t, Rank>;

  constexpr View() = default;
  constexpr View(T* data, const Extents& extents) : data_(data), extents_(extents) {}

  /// A view of mutable elements is also a view of constant ones.
  template <class U>
  requires(std::is_same_v<const U, T> && !std::is_same_v<U, T>) constexpr View(const View<U, Rank>& other)
      : data_(other.data()), extents_(other.extents()) {}

  [[nodiscard]] constexpr T* data() const { return data_; }
  [[nodiscard]] constexpr const Extents& extents() const { return extents_; }
  [[nodiscard]] constexpr std::size_t extent(std::size_t axis) const { return extents_[axis]; }
  [[nodiscard]] constexpr std::size_t elements() const {
    std::size_t count = 1;
    for (const std::size_t extent : extents_) count *= extent;
    return count;
  }
  [[nodiscard]] constexpr std::span<T> flat() const { return {data_, elements()}; }
  [[nodiscard]] Shape shape() const { return {extents_.begin(), extents_.end()}; }

  template <class... Index>
  requires(sizeof...(Index) == Rank) constexpr T& operator()(Index... index) const {
    std::size_t offset = 0;
    std::size_t axis = 0;
    ((assert(static_cast<std::size_t>(index) < extents_[axis] && "index inside the view"),
      offset = offset * extents_[axis++] + static_cast<std::size_t>(index)),
     ...);
    return data_[offset];
  }

  /// The sub-view with the first index fixed.
  [[nodiscard]] constexpr View<T, Rank - 1> operator[](std::size_t index) const requires(Rank > 1) {
    assert(index < extents_[0] && "index inside the view");
    std::array<std::size_t, Rank - 1> rest{};
    std::size_t stride = 1;
    for (std::size_t axis = 1; axis < Rank; ++axis) {
      rest[axis - 1] = extents_[axis];
      stride *= extents_[axis];
    }
    return {data_ + index * stride, rest};
  }

  [[nodiscard]] constexpr T& operator[](std::size_t index) const requires(Rank == 1) {
    assert(index < extents_[0] && "index inside the view");
    return data_[index];
  }

  /// The same elements under other extents with the same product.
  template <std::size_t Other>
  [[nodiscard]] constexpr View<T, Other> reshaped(const std::array<std::size_t, Other>& extents) const {
    const View<T, Other> other(data_, extents);
    assert(other.elements() == elements() && "a reshape keeps the number of elements");
    return other;
  }

 private:
  T* data_ = nullptr;
  Extents extents_{};
};

}  // namespace assay
