// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The Mamba2 mixer of the hybrid: chunks of tokens as matrix products, a single token as one step of the recurrence.
// GraniteMoeHybridMambaLayer.
#pragma once

#include <string>
#include <vector>

#include "model/config/granite_moe_hybrid.hpp"
#include "model/config/manifest.hpp"
#include "model/past_key_values.hpp"
#include "optimized/aligned_buffer.hpp"
#include "optimized/blis/weight_packer.hpp"
#include "optimized/blocks/call_context.hpp"
#include "optimized/ops/ssm_scan.hpp"

namespace assay::optimized {

class Mamba2 {
 public:
  /// `prefix` is "model.layers.{i}.mamba.".
  Mamba2(const Weights& weights, const std::string& prefix, const GraniteMoeHybridConfig& config,
         blis::WeightPacker& packer);

  /// Rows of padding in `hidden` are overwritten with zeros.
  void forward(Rows<float> hidden,  // [B * L, D]
               CallContext& context, const Show& show,
               Rows<float> out);  // [B * L, D]

  void plan(const CallExtents& extents, const Threads& threads, Slices& memory) const;
  /// Room for the states of `batch` rows, whatever their length.
  void reserve(std::size_t batch, std::size_t length, std::size_t cache_tokens);
  void clear_cache() { holds_state_ = false; }
  [[nodiscard]] std::size_t cache_bytes() const { return conv_history_.bytes().size() + state_.bytes().size(); }
  /// Fills the empty cache.
  void load_cache(const LayerPast& past, std::size_t length);

 private:
  struct Buffers {
    Rows<float> projected;  // [B * L, Im + C + Hm]: gate, x | B | C, dt
    Rows<float> conv;       // [B * L, C]
    Rows<float> dt;         // [B * L, Hm]
    Rows<float> y;          // [B * L, Im]
    Rows<float> normed;     // [B * L, Im]
    float* scratch;
  };

  [[nodiscard]] Buffers take(const CallExtents& extents, const Threads& threads, Slices& memory) const;
  void make_room(std::size_t batch);
  [[nodiscard]] Rows<float> history(std::size_t b) const;
  void convolve(const Buffers& buffers, const CallContext& context, const Show& show);
  void scan(const Buffers& buffers, const CallContext& context);
  void show_conv_state(const CallExtents& extents, const Show& show) const;

  SsmExtents extents_;
  std::size_t inner_;     // Im
  std::size_t channels_;  // C
  std::size_t taps_;      // K
  double eps_;
  ActivationFunction act_;  // of the convolution; never the learned one, see ActivationFunction
  double time_step_min_;
  double time_step_max_;
  blis::PackedMatrix in_proj_;
  blis::PackedMatrix out_proj_;
  std::vector<float> in_proj_bias_;
  std::vector<float> out_proj_bias_;
  std::vector<float> conv_;       // [K, C]
  std::vector<float> conv_bias_;  // [C]
  std::vector<float> dt_bias_;    // [Hm]
  std::vector<float> decay_;      // [Hm]
  std::vector<float> d_;          // [Hm]
  std::vector<float> norm_;       // [Im]

  bool holds_state_ = false;
  std::size_t room_ = 0;        // rows of the states
  AlignedBuffer conv_history_;  // [B, K, C]: the last K columns before the activation, oldest first
  AlignedBuffer state_;         // [B, Hm, P, N]
};

}  // namespace assay::optimized
