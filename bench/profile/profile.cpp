// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/profile/profile.hpp"

#include <chrono>

namespace assay::bench {

void Profile::begin() {
  // Room for most calls, so that the clock does not measure the growing of a vector.
  constexpr std::size_t usual_sites = 24;
  calls_.push_back({});
  calls_.back().spans.reserve(usual_sites * (common(config_).num_hidden_layers + 1));
  calls_.back().begin = last_ = Clock::now();
}

void Profile::end() {
  Call& call = calls_.back();
  call.end = Clock::now();
  call.spans.push_back({last_, call.end, {Site::logits, std::nullopt}});
}

void Profile::reached(const ProbePoint& point) {
  const Clock::time_point now = Clock::now();
  calls_.back().spans.push_back({last_, now, point});
  last_ = now;
}

void Profile::worked(std::size_t thread, Clock::time_point begin, Clock::time_point end) {
  const std::scoped_lock lock(threads_);
  calls_.back().threads.push_back({begin, end, thread});
}

Group Profile::group_of(const ProbePoint& point) const {
  return bench::group_of(point.site, point.layer ? mixing_of(config_, *point.layer) : Mixing::none);
}

double Profile::seconds() const {
  double sum = 0;
  for (const Call& call : calls_) sum += std::chrono::duration<double>(call.end - call.begin).count();
  return sum;
}

std::map<Place, double> Profile::seconds_by_place() const {
  std::map<Place, double> seconds;
  for (const Call& call : calls_) {
    for (const Span& span : call.spans) {
      seconds[{span.point.layer, group_of(span.point)}] += std::chrono::duration<double>(span.end - span.begin).count();
    }
  }
  for (auto& [place, sum] : seconds) sum /= static_cast<double>(calls_.size());
  return seconds;
}

}  // namespace assay::bench
