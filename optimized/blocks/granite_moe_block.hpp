// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Router and experts of the Granite models: the k largest logits, weighed by the softmax over just those k.
// GraniteMoeMoE.
#pragma once

#include <string>

#include "model/config/granite_moe.hpp"
#include "model/config/manifest.hpp"
#include "optimized/blis/weight_packer.hpp"
#include "optimized/blocks/call_context.hpp"
#include "optimized/blocks/experts.hpp"

namespace assay::optimized {

class GraniteMoeBlock {
 public:
  /// `prefix` is "model.layers.{i}.block_sparse_moe.".
  GraniteMoeBlock(const Weights& weights, const std::string& prefix, const GraniteMoeConfig& config,
                  blis::WeightPacker& packer);

  void forward(Rows<const float> hidden,  // [T, D]
               CallContext& context, const Show& show,
               Rows<float> out);  // [T, D]

  void plan(const CallExtents& extents, Slices& memory) const;

 private:
  struct Buffers {
    Rows<float> logits;  // [T, E]
    Routing routing;
  };

  [[nodiscard]] Buffers take(const CallExtents& extents, Slices& memory) const;

  std::size_t hidden_size_;
  std::size_t experts_count_;      // E
  std::size_t experts_per_token_;  // k
  blis::PackedMatrix router_;
  Experts experts_;
};

}  // namespace assay::optimized
