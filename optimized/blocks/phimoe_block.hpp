// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Router and experts of PhiMoE: two experts a token, each weighed by a softmax of its own over the scores within a band
// below the largest (sparsemixer at evaluation). PhimoeSparseMoeBlock.
#pragma once

#include <string>

#include "model/config/manifest.hpp"
#include "model/config/phimoe.hpp"
#include "optimized/blis/weight_packer.hpp"
#include "optimized/blocks/call_context.hpp"
#include "optimized/blocks/experts.hpp"

namespace assay::optimized {

class PhimoeBlock {
 public:
  /// `prefix` is "model.layers.{i}.block_sparse_moe.".
  PhimoeBlock(const Weights& weights, const std::string& prefix, const PhimoeConfig& config,
              blis::WeightPacker& packer);

  void forward(Rows<const float> hidden,  // [T, D]
               CallContext& context, const Show& show,
               Rows<float> out);  // [T, D]

  void plan(const CallExtents& extents, Slices& memory) const;

 private:
  struct Buffers {
    Rows<float> scores;  // [T, E]
    Routing routing;
  };

  [[nodiscard]] Buffers take(const CallExtents& extents, Slices& memory) const;

  std::size_t hidden_size_;
  std::size_t experts_count_;  // E
  double jitter_;
  blis::PackedMatrix gate_;
  Experts experts_;
};

}  // namespace assay::optimized
