// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Where the time of a call goes. The profile is told when the engine reaches a site; what lies between two sites is the
// work of the group that the second belongs to. Nothing is made to be shown, so the engine takes the time that it takes
// otherwise.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/cost/cost.hpp"
#include "model/probe.hpp"

namespace assay::bench {

/// Of the calls of one workload. The runner says when a call begins and ends.
class Profile final : public Timekeeper {
 public:
  /// `phase` is "prefill" or "decode".
  Profile(Config config, std::string phase) : config_(std::move(config)), phase_(std::move(phase)) {}

  /// Work from one site to the next.
  struct Span {
    Clock::time_point begin;
    Clock::time_point end;
    ProbePoint point;  ///< where it ended
  };
  struct ThreadSpan {
    Clock::time_point begin;
    Clock::time_point end;
    std::size_t thread;
  };
  /// One call of the engine.
  struct Call {
    Clock::time_point begin;
    Clock::time_point end;
    std::vector<Span> spans;
    std::vector<ThreadSpan> threads;
  };

  /// The next call begins now.
  void begin() override;
  /// It has returned; what came behind the last site is the head's.
  void end() override;

  void reached(const ProbePoint& point) override;
  void worked(std::size_t thread, Clock::time_point begin, Clock::time_point end) override;

  [[nodiscard]] const std::string& phase() const { return phase_; }
  [[nodiscard]] const std::vector<Call>& calls() const { return calls_; }
  [[nodiscard]] Group group_of(const ProbePoint& point) const;

  /// Of all calls together.
  [[nodiscard]] double seconds() const;
  /// Of each place, the mean over the calls.
  [[nodiscard]] std::map<Place, double> seconds_by_place() const;

 private:
  Config config_;
  std::string phase_;
  std::vector<Call> calls_;
  Clock::time_point last_;
  std::mutex threads_;  ///< of the last call's
};

/// The calls for a viewer of Chrome traces (Perfetto): JSON of the Trace Event Format with a complete event ("ph": "X")
/// for every group and, on the track of each thread, for the time that it worked. Microseconds from the first call on.
[[nodiscard]] std::string chrome_trace(const std::vector<std::unique_ptr<Profile>>& profiles,
                                       const std::string& program);

}  // namespace assay::bench
