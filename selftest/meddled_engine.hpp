// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// An engine with somebody at its probes, who spoils what it shows and what it goes on with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/engine.hpp"

namespace assay::selftest {

/// Where a run is: which call, which site.
struct Moment {
  CallIndex call;
  ProbePoint point;

  bool operator==(const Moment&) const = default;
  [[nodiscard]] bool is(Site site, std::size_t layer) const { return point == ProbePoint{site, LayerIndex{layer}}; }
  [[nodiscard]] bool is(Site site) const { return point.site == site; }
};

using Touch = std::function<void(const Moment&, MutableSiteValue&)>;

/// What is done to a run. A value that `before` changes in place is also what the engine goes on with; one that it puts
/// in its place (other storage, another shape or type) is only shown. `after` changes what the engine goes on with.
struct Meddling {
  Touch before = {};
  Touch after = {};
  std::function<std::size_t(const Moment&)> emissions = {};  ///< how often a site is shown; none: once
  std::function<void(CallIndex, Call&)> call_change = {};    ///< another call than the caller made
  bool forgets = false;  ///< the engine is as new in every call that does not continue
};

/// Shows `value` to whoever looks through `probe`, as the meddling says.
void emit_with(const Meddling& meddling, const Moment& moment, MutableSiteValue value, const Probe& probe);

/// The floating-point values of a site, whichever their type, and one to be replaced.
[[nodiscard]] std::vector<double> floats(const MutableSiteValue& value);
void set_float(MutableSiteValue& value, std::size_t index, double number);
void set_floats(MutableSiteValue& value, const std::vector<double>& numbers);
[[nodiscard]] std::span<std::int64_t> experts_of(MutableSiteValue& value);

class MeddledEngine : public Engine {
 public:
  /// Borrows the engine.
  MeddledEngine(Engine& engine, Meddling meddling) : engine_(engine), meddling_(std::move(meddling)) {}

  [[nodiscard]] std::string_view engine_name() const override { return "meddled"; }
  [[nodiscard]] Precision precision() const override { return engine_.precision(); }
  [[nodiscard]] bool provides(Site site) const override { return engine_.provides(site); }
  void reset() override;
  SiteValue forward(const Call& call, const Probe& probe) override;

 private:
  Engine& engine_;
  Meddling meddling_;
  std::size_t next_ = 0;
};

}  // namespace assay::selftest
