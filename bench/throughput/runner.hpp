// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Runs workloads on an engine and times their calls. What is not timed: bringing the cache to its depth, and the digest
// of each output, by which a timed call is known to have computed what a checked one did.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "bench/throughput/workload.hpp"
#include "model/engine.hpp"

namespace assay::bench {

/// One run of a workload.
struct Run {
  std::vector<double> call_seconds;    ///< of each timed call
  double cpu_seconds = 0;              ///< of all of them, all threads
  std::vector<std::uint64_t> digests;  ///< of the output of each timed call

  [[nodiscard]] double seconds() const;
};

class Runner {
 public:
  /// Reserves room for all workloads, which must fit the model: no decode or depth where it cannot cache. Throws Error
  /// as Engine::reserve does. Both must outlive the runner.
  Runner(Engine& engine, const Config& config, const std::vector<Workload>& workloads);

  /// `timed` looks at the timed calls, `before` at those that fill the cache from its beginning, the first time that a
  /// depth is needed.
  [[nodiscard]] Run run(const Workload& workload, const Probe& timed = Probe(), Observer* before = nullptr);

  /// Tokens of a call that fills a cache.
  static constexpr std::size_t fill_tokens = 512;

 private:
  using Fill = std::pair<std::size_t, std::size_t>;  ///< batch, depth

  void bring_to_depth(const Workload& workload, Observer* observer);
  const PastKeyValues& filled(const Fill& fill, Observer* observer);
  SiteValue call(std::size_t batch, std::size_t first, std::size_t tokens, const PastKeyValues* past,
                 const Probe& probe);

  Engine& engine_;
  const Config& config_;
  std::map<Fill, PastKeyValues> fills_;
  std::vector<std::int64_t> ids_;
};

/// A hash of every bit of a value.
[[nodiscard]] std::uint64_t digest(const SiteValue& value);

}  // namespace assay::bench
