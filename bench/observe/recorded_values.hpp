// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What looking at every site of a call costs: the values of all sites in memory, and an observer that holds each value
// of a later call against them and puts them in its place, as verification in injected mode does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/probe.hpp"

namespace assay::bench {

/// The sites of one call, in their order.
class RecordedValues final : public Observer {
 public:
  void observe(const ProbePoint& point, const SiteValue& value) override;

  struct Value {
    ProbePoint point;
    std::vector<float> floats;           ///< of sites with floating-point values
    std::vector<std::int64_t> integers;  ///< of routing
  };
  [[nodiscard]] const std::vector<Value>& values() const { return values_; }
  [[nodiscard]] std::size_t elements() const;

 private:
  std::vector<Value> values_;
};

/// Compares and injects in one pass over the values where they lie, on as many threads as the engine has, which wait
/// meanwhile. The values must outlive it.
class InjectedComparison final : public Injector {
 public:
  InjectedComparison(const RecordedValues& expected, std::size_t threads) : expected_(expected), threads_(threads) {}

  void inject(const ProbePoint& point, const MutableSiteValue& value) override;
  [[nodiscard]] bool takes_rows() const override { return true; }
  void inject_rows(const ProbePoint& point, const MutableRows& value) override;

  /// From the first site again.
  void restart();

  /// The largest relative error (Euclidean norm) of a site, infinite for other experts and for what is no number, and
  /// how many sites were compared since the start.
  [[nodiscard]] double worst() const { return worst_; }
  [[nodiscard]] std::size_t compared() const { return next_; }

 private:
  const RecordedValues::Value& next(const ProbePoint& point);
  void keep(double error);

  const RecordedValues& expected_;
  std::size_t threads_;
  std::size_t next_ = 0;
  double worst_ = 0;
};

}  // namespace assay::bench
