// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the four models have in common as engines: checks, the caches of the layers, the output. No mathematics.
#pragma once

#include <type_traits>
#include <utility>
#include <vector>

#include "model/engine.hpp"
#include "reference/blocks/heads.hpp"
#include "reference/blocks/layer_cache.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
class ScalarEngine : public Engine {
 public:
  [[nodiscard]] std::string_view engine_name() const final { return "reference"; }
  [[nodiscard]] Precision precision() const final {
    return std::is_same_v<T, float> ? Precision::f32 : Precision::f64;
  }

  void reset() final {
    empty_cache();
    forget_lengths();
  }

  SiteValue forward(const Call& call, const Probe& probe) final {
    check_call(config(), call, past_, "reference engine");
    const Past past = past_of(call, past_);
    if (!call.continues) empty_cache();
    if (call.past_key_values != nullptr) cache_ = layer_caches<T>(*call.past_key_values);
    // A probe may throw and leave the caches of some layers longer than others: then there is nothing to continue.
    past_ = {};
    output_ = compute(call, past, cache_, probe);
    if (call.use_cache) past_ = {call.batch(), past.tokens + call.length()};
    if constexpr (std::is_same_v<T, Gauged>) {
      output_values_ = values_of(output_.values);
      return {std::span<const double>(output_values_), output_.shape};
    } else {
      return {std::span<const T>(output_.values), output_.shape};
    }
  }

 protected:
  [[nodiscard]] virtual const Config& config() const = 0;
  /// What a rotary embedding remembers of longer sequences. Nothing by default.
  virtual void forget_lengths() {}
  /// `cache` has an element a layer: what a call goes on from, and then what it leaves.
  [[nodiscard]] virtual HeadOutput<T> compute(const Call& call, const Past& past, std::vector<LayerCache<T>>& cache,
                                              const Probe& probe) = 0;

 private:
  void empty_cache() {
    past_ = {};
    cache_.assign(common(config()).num_hidden_layers, {});
  }

  Past past_;
  std::vector<LayerCache<T>> cache_;
  HeadOutput<T> output_;
  std::vector<double> output_values_;  ///< of Gauged numbers: without their gauges
};

}  // namespace assay::reference
