// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The gated MLP that every token goes through: GraniteMoeSharedMLP.
#pragma once

#include <string>

#include "model/config/manifest.hpp"
#include "optimized/blis/weight_packer.hpp"
#include "optimized/blocks/call_context.hpp"

namespace assay::optimized {

class SharedMlp {
 public:
  /// `prefix` is "model.layers.{i}.shared_mlp.", `width` Is.
  SharedMlp(const Weights& weights, const std::string& prefix, std::size_t width, Activation activation,
            blis::WeightPacker& packer);

  void forward(Rows<const float> hidden,  // [T, D]
               CallContext& context, const Show& show,
               Rows<float> out) const;  // [T, D]

  void plan(const CallExtents& extents, Slices& memory) const;

 private:
  std::size_t width_;
  ActivationFunction activation_;
  blis::PackedMatrix input_;
  blis::PackedMatrix output_;
};

}  // namespace assay::optimized
