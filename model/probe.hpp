// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Probes: how an engine shows the value of a site while it computes, without knowing who looks. Readers (compare,
// dump, profile) never change a value; at most one injector may replace it after the readers have seen it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>

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
};

struct MutableSiteValue {
  MutableValues values;
  Shape shape;
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
};

/// The handle that an engine holds; copied by value, empty by default.
class Probe {
 public:
  Probe() = default;
  explicit Probe(Observer* observer, Injector* injector = nullptr) : observer_(observer), injector_(injector) {}

  /// The same probe for the sites of one layer.
  [[nodiscard]] Probe in(LayerIndex layer) const {
    Probe inner = *this;
    inner.layer_ = layer;
    return inner;
  }

  /// Whether anybody looks: what exists only to be shown need not be made otherwise.
  [[nodiscard]] bool active() const { return observer_ != nullptr || injector_ != nullptr; }

  /// Shows a value; it may come back replaced.
  template <class T, std::size_t Rank>
  void operator()(Site site, View<T, Rank> value) const {
    if (!active()) return;
    emit(site, std::span<T>(value.flat()), value.shape());
  }

 private:
  void emit(Site site, const MutableValues& values, const Shape& shape) const;

  Observer* observer_ = nullptr;
  Injector* injector_ = nullptr;
  std::optional<LayerIndex> layer_;
};

}  // namespace assay
