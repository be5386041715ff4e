// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_doubles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace assay::test {
namespace {

using golden::Values;

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
            throw std::logic_error("test engine: sites have one to five axes");
        }
      },
      value.values);
}

void emit_with(const Meddling& meddling, const Moment& moment, MutableSiteValue value, const Probe& probe) {
  if (meddling.before) meddling.before(moment, value);
  emit(moment.point.layer ? probe.in(*moment.point.layer) : probe, moment.point.site, value);
  if (meddling.after) meddling.after(moment, value);
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

std::string text_of(const golden::SiteResult& site) {
  return fmt::format("call {} {}", site.call.value, to_string(ProbePoint{site.site, site.layer}));
}

}  // namespace

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

SiteValue ReplayEngine::forward(const Call&, const Probe& probe) {
  const CallIndex call{next_++};
  for (const PlannedSite& site : golden_.calls()[call.value].sites) {
    if (fused_.contains(site.point.site) || std::ranges::find(left_out_, site.point) != left_out_.end()) continue;
    play({call, site.point}, site.shape, probe);
  }
  return {};
}

void ReplayEngine::play(const Moment& moment, const Shape& shape, const Probe& probe) {
  const Values source = golden_.has(Values::truth) ? Values::truth : Values::hf32;
  const auto send = [&]<class T>(const auto& values) {
    std::vector<T> own(values.begin(), values.end());
    emit_with(meddling_, moment, {std::span<T>(own), shape}, probe);
  };
  const SiteKind kind = info(moment.point.site).kind;
  if (!golden_.records(moment.point.site)) {
    // What an engine shows there is nobody's business.
    const std::vector<int> zeros(elements(shape), 0);
    if (kind == SiteKind::routing) return send.operator()<std::int64_t>(zeros);
    if (kind == SiteKind::mask) return send.operator()<std::uint8_t>(zeros);
    return precision_ == Precision::f32 ? send.operator()<float>(zeros) : send.operator()<double>(zeros);
  }
  switch (kind) {
    case SiteKind::routing:
      return send.operator()<std::int64_t>(golden_.integers(moment.call, source, moment.point));
    case SiteKind::mask:
      return send.operator()<std::uint8_t>(golden_.integers(moment.call, source, moment.point));
    case SiteKind::constant:
      return send.operator()<float>(golden_.values(moment.call, source, moment.point));
    case SiteKind::value:
    case SiteKind::state:
      break;
  }
  const std::vector<double> values = golden_.values(moment.call, source, moment.point);
  if (precision_ == Precision::f32) return send.operator()<float>(values);
  send.operator()<double>(values);
}

void MeddledEngine::reset() {
  next_ = 0;
  engine_.reset();
}

SiteValue MeddledEngine::forward(const Call& call, const Probe& probe) {
  const CallIndex index{next_++};
  Call changed = call;
  if (change_) change_(index, changed);
  Relay relay(meddling_, index, probe);
  return engine_.forward(changed, Probe(nullptr, &relay));
}

golden::CaseResult judged(const golden::GoldenFile& golden, Engine& engine, golden::Mode mode,
                          const golden::Selection& selection, golden::Rows rows) {
  golden::ExamOptions options;
  options.precision = engine.precision();
  options.mode = mode;
  options.selection = selection;
  options.rows = rows;
  return golden::examine(golden, engine, options, "assay verify " + golden.file(), {});
}

std::string divergence_of(const golden::CaseResult& result) {
  return result.first_divergence ? text_of(result.first_divergence->site) : "nothing";
}

std::vector<std::string> sites_of(const golden::CaseResult& result, golden::Verdict verdict) {
  std::vector<std::string> sites;
  for (const golden::SiteResult& site : result.sites) {
    if (site.verdict == verdict) sites.push_back(text_of(site));
  }
  return sites;
}

}  // namespace assay::test
