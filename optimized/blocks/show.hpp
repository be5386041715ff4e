// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Shows values to the probes of a call in the shape of their site, whatever layout the engine keeps them in. Where the
// two differ the value is copied, and copied back in case it was replaced, unless whoever looks takes its rows as they
// lie; with nobody looking nothing is copied.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/probe.hpp"
#include "optimized/rows.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized {

/// Memory for values that are shown in another layout, kept from one to the next: the system takes longer to give fresh
/// pages than an observer to read them.
class ShowBuffer {
 public:
  /// `count` elements, undefined.
  float* take(std::size_t count) {
    if (count > capacity_) {
      memory_ = std::make_unique_for_overwrite<float[]>(count);
      capacity_ = count;
    }
    return memory_.get();
  }

 private:
  std::unique_ptr<float[]> memory_;
  std::size_t capacity_ = 0;
};

class Show {
 public:
  /// The buffer must outlive all that is shown; without one each value gets memory of its own.
  Show(const Probe& probe, std::size_t batch, std::size_t length, ShowBuffer* buffer = nullptr,
       const Threads* threads = nullptr)
      : probe_(probe), batch_(batch), length_(length), buffer_(buffer), threads_(threads) {}

  [[nodiscard]] Show in(LayerIndex layer) const { return {probe_.in(layer), batch_, length_, buffer_, threads_}; }

  /// [B * L, width] as [B, L, width].
  void operator()(Site site, Rows<float> x) const {
    if (!probe_.active()) return probe_.reached(site);
    if (x.stride == x.width) return probe_(site, View<float, 3>(x.data, {batch_, length_, x.width}));
    rows<3>(site, {batch_, length_, x.width}, [&](std::size_t row) { return x[row]; });
  }

  /// What lies as its site has it.
  template <class T, std::size_t Rank>
  void operator()(Site site, View<T, Rank> value) const {
    probe_(site, value);
  }

  /// [B * L, heads * d] as [B, heads, L, d].
  void heads(Site site, Rows<float> x, std::size_t head_dim) const {
    if (!probe_.active()) return probe_.reached(site);
    const std::size_t heads = x.width / head_dim;
    rows<4>(site, {batch_, heads, length_, head_dim}, [&](std::size_t row) {
      const std::size_t l = row % length_;
      const std::size_t head = row / length_ % heads;
      const std::size_t b = row / length_ / heads;
      return x[b * length_ + l] + head * head_dim;
    });
  }

  /// Rows that `at(row)` finds; the last extent is contiguous.
  template <std::size_t Rank, class At>
  void rows(Site site, const std::array<std::size_t, Rank>& extents, const At& at) const {
    if (!probe_.active()) return probe_.reached(site);
    const std::size_t elements = View<float, Rank>(nullptr, extents).elements();
    const std::size_t width = extents.back();
    const std::size_t count = elements / width;
    if (probe_.takes_rows()) {
      std::vector<float*> places(count);
      for (std::size_t row = 0; row < count; ++row) places[row] = at(row);
      return probe_(site, MutableRows{places, width, View<float, Rank>(nullptr, extents).shape()});
    }
    ShowBuffer own;
    float* const dense = (buffer_ != nullptr ? *buffer_ : own).take(elements);
    for_each_row(count, elements, [&](std::size_t row) { std::copy_n(at(row), width, dense + row * width); });
    probe_(site, View<float, Rank>(dense, extents));
    if (!probe_.may_change()) return;
    for_each_row(count, elements, [&](std::size_t row) { std::copy_n(dense + row * width, width, at(row)); });
  }

  [[nodiscard]] bool active() const { return probe_.active(); }

  void reached(Site site) const { probe_.reached(site); }

 private:
  /// On all threads where there is much to copy.
  template <class Work>
  void for_each_row(std::size_t count, std::size_t elements, const Work& work) const {
    constexpr std::size_t much = std::size_t{1} << 16U;
    const auto rows = [&](Range range) {
      for (std::size_t row = range.first; row < range.last; ++row) work(row);
    };
    if (threads_ == nullptr || elements < much) return rows({0, count});
    threads_->split(count, 2, rows);
  }

  Probe probe_;
  std::size_t batch_;
  std::size_t length_;
  ShowBuffer* buffer_;
  const Threads* threads_;
};

}  // namespace assay::optimized
