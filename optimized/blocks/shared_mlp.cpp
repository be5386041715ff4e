// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/shared_mlp.hpp"

#include "optimized/blocks/activation.hpp"

namespace assay::optimized {

SharedMlp::SharedMlp(const Weights& weights, const std::string& prefix, std::size_t width, Activation activation,
                     blis::WeightPacker& packer)
    : width_(width), activation_(activation_of(activation, weights, prefix + "activation.")) {
  const std::string input_name = prefix + "input_linear.weight";  // [2 Is, D]
  const StoredTensor& input = weights.at(input_name);
  input_ = packer.add_gated({&input, 0, width, input_name}, {&input, width, width, input_name});
  output_ = packer.add({blis::all_rows(weights.at(prefix + "output_linear.weight"), prefix + "output_linear.weight")});
}

void SharedMlp::plan(const CallExtents& extents, Slices& memory) const {
  const std::size_t mark = memory.mark();
  static_cast<void>(memory.take<float>(extents.tokens() * width_));
  memory.release(mark);
}

void SharedMlp::forward(Rows<const float> hidden, CallContext& context, const Show& show, Rows<float> out) const {
  const std::size_t mark = context.memory.mark();
  const Rows<float> act = dense(context.memory.take<float>(hidden.count * width_), hidden.count, width_);
  context.multiply({.weight = &input_, .x = hidden, .y = act, .act = &activation_});
                                                                  show(Site::shared_act, act);
  context.multiply({.weight = &output_, .x = act, .y = out});     show(Site::shared_mlp_out, out);
  context.memory.release(mark);
}

}  // namespace assay::optimized
