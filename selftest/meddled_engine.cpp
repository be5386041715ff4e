// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/meddled_engine.hpp"

#include <algorithm>
#include <stdexcept>

namespace assay::selftest {
namespace {

template <std::size_t Rank, class T>
View<T, Rank> view_of(std::span<T> values, const Shape& shape) {
  std::array<std::size_t, Rank> extents{};
  std::ranges::copy(shape, extents.begin());
  return View<T, Rank>(values.data(), extents);
}

/// Through the public face of the probe, so that observer and injector of the judge come in their order.
void emit(const Probe& probe, Site site, const MutableSiteValue& value) {
  std::visit(
      [&]<class T>(std::span<T> values) {
        switch (value.shape.size()) {
          case 1:
            return probe(site, view_of<1>(values, value.shape));
          case 2:
            return probe(site, view_of<2>(values, value.shape));
          case 3:
            return probe(site, view_of<3>(values, value.shape));
          case 4:
            return probe(site, view_of<4>(values, value.shape));
          case 5:
            return probe(site, view_of<5>(values, value.shape));
          default:
            throw std::logic_error("meddled engine: sites have one to five axes");
        }
      },
      value.values);
}

class Relay : public Injector {
 public:
  Relay(const Meddling& meddling, CallIndex call, const Probe& probe)
      : meddling_(meddling), call_(call), probe_(probe) {}
  void inject(const ProbePoint& point, const MutableSiteValue& value) override {
    emit_with(meddling_, {call_, point}, value, probe_);
  }

 private:
  const Meddling& meddling_;
  CallIndex call_;
  const Probe& probe_;
};

}  // namespace

void emit_with(const Meddling& meddling, const Moment& moment, MutableSiteValue value, const Probe& probe) {
  if (meddling.before) meddling.before(moment, value);
  const std::size_t times = meddling.emissions ? meddling.emissions(moment) : 1;
  for (std::size_t i = 0; i < times; ++i) {
    emit(moment.point.layer ? probe.in(*moment.point.layer) : probe, moment.point.site, value);
  }
  if (meddling.after) meddling.after(moment, value);
}

std::vector<double> floats(const MutableSiteValue& value) {
  return std::visit([](auto span) { return std::vector<double>(span.begin(), span.end()); }, value.values);
}

void set_float(MutableSiteValue& value, std::size_t index, double number) {
  std::visit([&]<class T>(std::span<T> span) { span[index] = static_cast<T>(number); }, value.values);
}

void set_floats(MutableSiteValue& value, const std::vector<double>& numbers) {
  for (std::size_t i = 0; i < numbers.size(); ++i) set_float(value, i, numbers[i]);
}

std::span<std::int64_t> experts_of(MutableSiteValue& value) { return std::get<std::span<std::int64_t>>(value.values); }

void MeddledEngine::reset() {
  next_ = 0;
  engine_.reset();
}

SiteValue MeddledEngine::forward(const Call& call, const Probe& probe) {
  const CallIndex index{next_++};
  Call changed = call;
  if (meddling_.call_change) meddling_.call_change(index, changed);
  if (meddling_.forgets && !changed.continues) engine_.reset();
  Relay relay(meddling_, index, probe);
  return engine_.forward(changed, Probe(nullptr, &relay));
}

}  // namespace assay::selftest
