// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What stands behind the final norm: nothing, lm_head, or the score of PhimoeForSequenceClassification; and the losses of
// its logits.
#pragma once

#include <cstdint>
#include <vector>

#include "model/config/manifest.hpp"
#include "optimized/blis/weight_packer.hpp"
#include "optimized/blocks/call_context.hpp"

namespace assay::optimized {

struct LmHeadOptions {
  float divisor = 1.0F;  ///< logits_scaling
  bool bias = false;
};

class OutputHead {
 public:
  OutputHead(const TransformerConfig& config, const Weights& weights, const LmHeadOptions& options,
             blis::WeightPacker& packer);

  /// Returns what the engine returns; it lies in the memory of the call.
  [[nodiscard]] SiteValue forward(const Call& call, Rows<float> normed,  // [B * L, D]
                                  CallContext& context, const Show& show) const;

  void plan(const CallExtents& extents, Slices& memory) const;

 private:
  struct Buffers {
    Rows<float> scores;   // [B * L, num_labels]: of a classification
    Rows<float> logits;   // [B * kept, V] or [B, num_labels]
    std::uint32_t* rows;  // of `logits`: their tokens
  };

  [[nodiscard]] Buffers take(const CallExtents& extents, Slices& memory) const;
  void compute_logits(const Call& call, Rows<float> normed, const Buffers& buffers, CallContext& context,
                      const Show& show) const;
  void pool_scores(const Call& call, Rows<float> normed, const Buffers& buffers, CallContext& context,
                   const Show& show) const;
  [[nodiscard]] std::size_t pooled_token(const Call& call, std::size_t b) const;
  void show_losses(const Call& call, Rows<const float> logits, const CallContext& context, const Show& show) const;
  [[nodiscard]] double loss(const Call& call, Rows<const float> logits, const Threads& threads) const;

  TransformerConfig config_;
  std::size_t outputs_;  // V or num_labels; 0 without a head
  blis::PackedMatrix weight_;
  std::vector<float> bias_;
  float divisor_;
};

}  // namespace assay::optimized
