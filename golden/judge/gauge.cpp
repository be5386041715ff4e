// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/gauge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>

#include "golden/judge/metrics.hpp"

namespace assay::golden {
namespace {

/// Of float32: half a unit in the last place of 1.
constexpr double u = 0x1p-24;

/// Below the normal numbers of float32, 2^-126, an engine may have 0; x * sigmoid(x) has it where exp(-x) is more than
/// 2^128, that is from -89 * 2^-128 on.
constexpr double underflow = 0x1p-120;

bool has_gauges(Site site) {
  const SiteKind kind = info(site).kind;
  return (kind == SiteKind::value || kind == SiteKind::state) && site != Site::loss && site != Site::aux_loss;
}

/// |error| / (u gauge); infinite where the error is no number, or there is no room for one.
double ratio_of(double error, double gauge) {
  if (std::abs(error) <= underflow) return 0.0;
  const double ratio = std::abs(error) / (u * gauge);
  return std::isnan(ratio) ? std::numeric_limits<double>::infinity() : ratio;
}

}  // namespace

/// Stands where the examiner stands in a run of an engine under test.
class GaugeRecord::Recorder : public Observer, public Injector {
 public:
  Recorder(const GoldenFile& golden, const std::set<Site>& not_provided, GaugeRecord& record)
      : golden_(golden), not_provided_(not_provided), record_(record) {}

  void begin_call(CallIndex call) { call_ = call; }

  void observe(const ProbePoint& point, const SiteValue& value) override {
    if (!has_gauges(point.site) || !is_judged(point.site)) return;
    assert(value.gauges.size() == elements(value.shape) && "the engine shows gauges");
    record_.gauges_[key(call_, point)].assign(value.gauges.begin(), value.gauges.end());
  }

  void inject(const ProbePoint& point, const MutableSiteValue& value) override {
    const SiteKind kind = info(point.site).kind;
    if (kind == SiteKind::mask || !is_judged(point.site)) return;
    if (kind == SiteKind::routing) {
      const std::vector<std::int64_t> experts = golden_.integers(call_, Values::truth, point);
      std::ranges::copy(experts, std::get<std::span<std::int64_t>>(value.values).begin());
      return;
    }
    const std::vector<double> truth = golden_.values(call_, Values::truth, point);
    std::visit(
        [&]<class T>(std::span<T> values) {
          for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(static_cast<float>(truth[i]));
        },
        value.values);
    // Rounded once, and right apart from that.
    for (std::size_t i = 0; i < value.gauges.size(); ++i) value.gauges[i] = std::abs(truth[i]);
  }

 private:
  [[nodiscard]] bool is_judged(Site site) const { return golden_.records(site) && !not_provided_.contains(site); }

  const GoldenFile& golden_;
  const std::set<Site>& not_provided_;
  GaugeRecord& record_;
  CallIndex call_;
};

GaugeRecord::GaugeRecord(const GoldenFile& golden, Engine& gauge_engine, const std::set<Site>& not_provided) {
  Recorder recorder(golden, not_provided, *this);
  const Probe probe(&recorder, &recorder);
  gauge_engine.reset();
  for (std::size_t i = 0; i < golden.calls().size(); ++i) {
    recorder.begin_call(CallIndex{i});
    gauge_engine.forward(golden.calls()[i].call(), probe);
  }
}

GaugeRecord::Key GaugeRecord::key(CallIndex call, const ProbePoint& point) {
  return {call.value, {point.layer ? point.layer->value + 1 : 0, point.site}};
}

std::span<const float> GaugeRecord::of(CallIndex call, const ProbePoint& point) const {
  const auto found = gauges_.find(key(call, point));
  if (found == gauges_.end()) return {};
  return found->second;
}

void judge_gauge(const Tolerances& table, const GaugeRecord& record, const PlannedSite& site, const Places& places,
                 std::span<const double> expected, std::span<const double> actual, SiteResult& result) {
  const std::span<const float> gauges = record.of(result.call, site.point);
  if (gauges.empty() || expected.empty()) return;
  const auto place = [&](std::size_t i) { return places ? (*places)[i] : i; };
  NoiseRatio ratio{.measure = Measure::gauge, .gate = table.gauge, .samples = expected.size()};
  std::size_t worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double of_element = ratio_of(actual[i] - expected[i], static_cast<double>(gauges[place(i)]));
    if (of_element <= ratio.value) continue;
    ratio.value = of_element;
    worst = i;
  }
  ratio.where = place(worst);
  result.ratios.push_back(ratio);
  if (ratio.value <= ratio.gate) {
    const bool is_near = ratio.value > table.marginal_share * ratio.gate;
    if (is_near && result.verdict == Verdict::pass) result.verdict = Verdict::marginal;
    return;
  }
  result.verdict = Verdict::fail;
  if (!result.note.empty()) result.note += "; ";
  result.note +=
      fmt::format("element {}: expected {:.9g}, actual {:.9g}, off by {:.3g}; {:.3g} allowed ({:.3g} u G of {:g})",
                  assay::to_string(unravel(ratio.where, site.shape)), expected[worst], actual[worst],
                  std::abs(actual[worst] - expected[worst]), ratio.gate * u * static_cast<double>(gauges[ratio.where]),
                  ratio.value, ratio.gate);
}

}  // namespace assay::golden
