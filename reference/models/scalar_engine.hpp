// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the four models have in common as engines: checks, the length of the past, the logits. No mathematics.
#pragma once

#include <type_traits>
#include <utility>

#include "model/engine.hpp"
#include "model/tensor.hpp"

namespace assay::reference {

template <class T>
class ScalarEngine : public Engine {
 public:
  [[nodiscard]] std::string_view engine_name() const final { return "reference"; }
  [[nodiscard]] Precision precision() const final {
    return std::is_same_v<T, double> ? Precision::f64 : Precision::f32;
  }

  void reset() final {
    empty_cache();
    forget_lengths();
  }

  SiteValue forward(const Call& call, const Probe& probe) final {
    check_call(config(), call, past_, "reference engine");
    if (!call.continues) empty_cache();
    // A probe may throw and leave the caches of some layers longer than others: then there is nothing to continue.
    const Past past = std::exchange(past_, Past{});
    logits_ = compute(call, past, probe);
    if (call.use_cache) past_ = {call.input_ids.extent(0), past.tokens + call.input_ids.extent(1)};
    return {std::span<const T>(logits_.view().flat()), logits_.view().shape()};
  }

 protected:
  [[nodiscard]] virtual const Config& config() const = 0;
  virtual void clear_cache() = 0;
  /// What a rotary embedding remembers of longer sequences. Nothing by default.
  virtual void forget_lengths() {}
  [[nodiscard]] virtual Tensor<T, 3> compute(const Call& call, const Past& past, const Probe& probe) = 0;

 private:
  void empty_cache() {
    past_ = {};
    clear_cache();
  }

  Past past_;
  Tensor<T, 3> logits_;
};

}  // namespace assay::reference
