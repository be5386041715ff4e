// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// An injector that shows whether an engine goes on with what it is given back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "model/probe.hpp"

namespace assay::test {

/// Replaces the value of one site by another that is plausible there.
class Disturber final : public Injector {
 public:
  explicit Disturber(const ProbePoint& point, std::size_t experts) : point_(point), experts_(experts) {}

  void inject(const ProbePoint& point, const MutableSiteValue& value) override {
    if (!(point == point_)) return;
    std::visit([&](const auto span) { disturb(span); }, value.values);
    ++times_;
  }
  [[nodiscard]] int times() const { return times_; }

 private:
  /// Neither a common factor nor a common offset: a norm or a softmax would undo it.
  template <class T>
  static void disturb(std::span<T> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i % 3 == 0) values[i] = values[i] * T{1.5} + T{0.25};
    }
  }
  void disturb(std::span<std::int64_t> values) const {
    for (std::int64_t& expert : values) expert = (expert + 1) % static_cast<std::int64_t>(experts_);
  }
  static void disturb(std::span<std::uint8_t> values) {
    for (std::uint8_t& visible : values) visible = 1;
  }

  ProbePoint point_;
  std::size_t experts_;
  int times_ = 0;
};

}  // namespace assay::test
