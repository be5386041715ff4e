// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/throughput/runner.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <numeric>
#include <span>

#include "bench/synthetic/splitmix.hpp"

namespace assay::bench {
namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Keeps the cache that a call leaves, from the sites that show it, as a cache that a later call is handed.
class CacheKeeper final : public Observer {
 public:
  CacheKeeper(Observer* also, std::size_t layers) : also_(also) { past_.layers.resize(layers); }

  void observe(const ProbePoint& point, const SiteValue& value) override {
    if (also_ != nullptr) also_->observe(point, value);
    if (!point.layer) return;
    LayerPast& layer = past_.layers[point.layer->value];
    if (point.site == Site::cache_k) keep(value, layer.keys);
    if (point.site == Site::cache_v) keep(value, layer.values);
    if (point.site == Site::conv_state) keep(value, layer.conv_state);
    if (point.site == Site::ssm_state) keep(value, layer.ssm_state);
  }

  [[nodiscard]] PastKeyValues take(std::size_t tokens) {
    past_.tokens = tokens;
    return std::move(past_);
  }

 private:
  template <std::size_t Rank>
  static void keep(const SiteValue& value, Tensor<float, Rank>& kept) {
    std::array<std::size_t, Rank> extents{};
    std::ranges::copy(value.shape, extents.begin());
    kept = Tensor<float, Rank>(extents);
    std::visit(
        [&](const auto& values) {
          std::ranges::transform(values, kept.view().data(), [](auto element) { return static_cast<float>(element); });
        },
        value.values);
  }

  Observer* also_;
  PastKeyValues past_;
};

}  // namespace

double Run::seconds() const { return std::accumulate(call_seconds.begin(), call_seconds.end(), 0.0); }

std::uint64_t digest(const SiteValue& value) {
  std::uint64_t hash = 0;
  std::visit(
      [&](const auto& values) {
        const std::span<const std::byte> bytes = std::as_bytes(values);
        for (std::size_t i = 0; i < bytes.size(); i += sizeof(std::uint64_t)) {
          std::uint64_t word = 0;
          std::memcpy(&word, bytes.data() + i, std::min(sizeof word, bytes.size() - i));
          hash = mixed(hash ^ word);
        }
      },
      value.values);
  return hash;
}

Runner::Runner(Engine& engine, const Config& config, const std::vector<Workload>& workloads)
    : engine_(engine), config_(config) {
  std::size_t batch = 1;
  std::size_t tokens = 1;
  std::size_t cached = 1;
  for (const Workload& workload : workloads) {
    batch = std::max(batch, workload.batch);
    tokens = std::max({tokens, workload.length(), std::min(workload.depth, fill_tokens)});
    cached = std::max(cached, workload.depth + workload.tokens);
  }
  engine_.reserve(batch, tokens, cached);
}

Run Runner::run(const Workload& workload, const Probe& timed, Observer* before) {
  bring_to_depth(workload, before);
  Run run;
  run.call_seconds.reserve(workload.calls());
  run.digests.reserve(workload.calls());
  for (std::size_t i = 0; i < workload.calls(); ++i) {
    const std::size_t first = workload.depth + i * workload.length();
    const double cpu_before = cpu_seconds();
    if (timed.timekeeper() != nullptr) timed.timekeeper()->begin();
    const auto begin = std::chrono::steady_clock::now();
    const SiteValue output = call(workload.batch, first, workload.length(), nullptr, timed);
    if (timed.timekeeper() != nullptr) timed.timekeeper()->end();
    run.call_seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    run.cpu_seconds += cpu_seconds() - cpu_before;
    run.digests.push_back(digest(output));
  }
  return run;
}

/// A cache of all but the last token is handed over, and that token brings the engine to where the timed calls go on.
void Runner::bring_to_depth(const Workload& workload, Observer* observer) {
  engine_.reset();
  if (workload.depth == 0) return;
  const PastKeyValues* past = nullptr;
  if (workload.depth > 1) past = &filled({workload.batch, workload.depth - 1}, observer);
  static_cast<void>(call(workload.batch, workload.depth - 1, 1, past, Probe()));
}

const PastKeyValues& Runner::filled(const Fill& fill, Observer* observer) {
  if (const auto found = fills_.find(fill); found != fills_.end()) return found->second;
  const auto [batch, depth] = fill;
  engine_.reset();
  for (std::size_t first = 0; first < depth; first += fill_tokens) {
    const std::size_t tokens = std::min(fill_tokens, depth - first);
    if (first + tokens < depth) {
      static_cast<void>(call(batch, first, tokens, nullptr, first == 0 ? Probe(observer) : Probe()));
      continue;
    }
    CacheKeeper keeper(first == 0 ? observer : nullptr, common(config_).num_hidden_layers);
    static_cast<void>(call(batch, first, tokens, nullptr, Probe(&keeper)));
    fills_[fill] = keeper.take(depth);
  }
  engine_.reset();
  return fills_.at(fill);
}

SiteValue Runner::call(std::size_t batch, std::size_t first, std::size_t tokens, const PastKeyValues* past,
                       const Probe& probe) {
  ids_.resize(batch * tokens);
  for (std::size_t row = 0; row < batch; ++row) {
    for (std::size_t i = 0; i < tokens; ++i) {
      ids_[row * tokens + i] = token_id(row, first + i, common(config_).vocab_size);
    }
  }
  Call call;
  call.input_ids = {ids_.data(), {batch, tokens}};
  call.use_cache = can_cache(config_);
  call.past_key_values = past;
  call.continues = past == nullptr && first > 0;
  call.logits_to_keep = 1;
  return engine_.forward(call, probe);
}

}  // namespace assay::bench
