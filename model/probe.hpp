// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Probes: how an engine shows the value of a site while it computes, without knowing who looks. Readers (compare,
// dump, profile) never change a value; at most one injector may replace it after the readers have seen it.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "model/ids.hpp"
#include "model/shape.hpp"
#include "model/site.hpp"
#include "model/view.hpp"

namespace assay {

struct ProbePoint {
  Site site;
  std::optional<LayerIndex> layer;  ///< none for a site of the model

  bool operator==(const ProbePoint&) const = default;
};

using ConstValues = std::variant<std::span<const float>, std::span<const double>, std::span<const std::int64_t>,
                                 std::span<const std::uint8_t>>;
using MutableValues =
    std::variant<std::span<float>, std::span<double>, std::span<std::int64_t>, std::span<std::uint8_t>>;

/// The value of a site, dense and row-major; valid during the callback only.
struct SiteValue {
  ConstValues values;
  Shape shape;
  /// Of an engine that keeps account of rounding: an element of `values` may be off by this much, in units of the
  /// relative error of one rounding. Of others empty.
  std::span<const double> gauges = {};
};

struct MutableSiteValue {
  MutableValues values;
  Shape shape;
  std::span<double> gauges = {};  ///< who replaces a value says what its gauge is
};

/// A value of which an engine keeps the rows apart: the row of `width` floats that comes i-th in the order of `shape`
/// begins at rows[i].
struct MutableRows {
  std::span<float* const> rows;
  std::size_t width;
  Shape shape;
};

/// A number that has a gauge beside its value.
template <class T>
concept HasGauge = requires(T number) {
  { number.value } -> std::same_as<double&>;
  { number.gauge } -> std::same_as<double&>;
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void observe(const ProbePoint& point, const SiteValue& value) = 0;
};

class Injector {
 public:
  virtual ~Injector() = default;
  virtual void inject(const ProbePoint& point, const MutableSiteValue& value) = 0;

  /// Whether this one takes rows where they lie. For all others an engine copies them together, and back.
  [[nodiscard]] virtual bool takes_rows() const { return false; }
  virtual void inject_rows(const ProbePoint& /*point*/, const MutableRows& /*value*/) {}
};

/// Is told that a site has been reached, not what its value is: an engine makes nothing for it that it does not need
/// itself, so that what lies between two sites is the time that the engine takes when nobody looks.
class Timekeeper {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~Timekeeper() = default;

  /// A call begins, and has returned. Whoever calls the engine says so.
  virtual void begin() {}
  virtual void end() {}

  virtual void reached(const ProbePoint& point) = 0;

  /// Thread `thread` of an engine that has several worked from `begin` to `end`. Threads call it at the same time.
  virtual void worked(std::size_t /*thread*/, Clock::time_point /*begin*/, Clock::time_point /*end*/) {}
};

/// The handle that an engine holds; copied by value, empty by default. In a build with ASSAY_PROBES=OFF it is never
/// more than that: such a build exists to measure what probes cost that nobody looks through.
class Probe {
 public:
#ifdef ASSAY_NO_PROBES
  static constexpr bool compiled_in = false;
#else
  static constexpr bool compiled_in = true;
#endif

  Probe() = default;
  explicit Probe(Observer* observer, Injector* injector = nullptr) : observer_(observer), injector_(injector) {}
  explicit Probe(Timekeeper* timekeeper) : timekeeper_(timekeeper) {}

  /// The same probe for the sites of one layer.
  [[nodiscard]] Probe in(LayerIndex layer) const {
    Probe inner = *this;
    inner.layer_ = layer;
    return inner;
  }

  /// Whether anybody looks: what exists only to be shown need not be made otherwise.
  [[nodiscard]] bool active() const { return compiled_in && (observer_ != nullptr || injector_ != nullptr); }

  /// Whether a value may come back replaced.
  [[nodiscard]] bool may_change() const { return injector_ != nullptr; }

  /// Whether rows may be shown where they lie; readers want them dense.
  [[nodiscard]] bool takes_rows() const {
    return observer_ == nullptr && injector_ != nullptr && injector_->takes_rows();
  }

  [[nodiscard]] Timekeeper* timekeeper() const { return compiled_in ? timekeeper_ : nullptr; }

  /// What an engine calls instead of showing a value that it has not made, as nobody looks.
  void reached(Site site) const {
    if (compiled_in && timekeeper_ != nullptr) timekeeper_->reached({site, layer_});
  }

  /// Shows a value; it may come back replaced.
  template <class T, std::size_t Rank>
  void operator()(Site site, View<T, Rank> value) const {
    if (!active()) return reached(site);
    if constexpr (HasGauge<T>) {
      show_gauged(site, value.flat(), value.shape());
    } else {
      emit(site, {std::span<T>(value.flat()), value.shape()});
    }
  }

  /// The same of a value whose rows lie apart, if it takes_rows().
  void operator()(Site site, const MutableRows& value) const;

 private:
  [[nodiscard]] ProbePoint point(Site site) const;
  void emit(Site site, const MutableSiteValue& value) const;

  /// Shows values and gauges apart, as nobody else has them together.
  template <HasGauge T>
  void show_gauged(Site site, std::span<T> numbers, const Shape& shape) const {
    std::vector<double> values;
    std::vector<double> gauges;
    for (const T& number : numbers) {
      values.push_back(number.value);
      gauges.push_back(number.gauge);
    }
    emit(site, {std::span<double>(values), shape, gauges});
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = T(values[i], gauges[i]);
  }

  Observer* observer_ = nullptr;
  Injector* injector_ = nullptr;
  Timekeeper* timekeeper_ = nullptr;
  std::optional<LayerIndex> layer_;
};

}  // namespace assay
