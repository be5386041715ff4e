// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a caller asks for beside the output of the model, gathered while the layers compute (capture_outputs of
// transformers 5.23.0).
#pragma once

#include <vector>

#include "model/call.hpp"
#include "model/probe.hpp"
#include "model/tensor.hpp"

namespace assay::reference {

template <class T>
class CallOutputs {
 public:
  CallOutputs() = default;
  explicit CallOutputs(const Call& call)
      : hidden_states_wanted_(call.output_hidden_states),
        attentions_wanted_(call.output_attentions),
        router_logits_wanted_(call.output_router_logits) {}

  /// Each keeps a copy where the caller asked for it.
  void add_hidden_states(View<const T, 3> x);      // [B, L, D]: the input of a layer
  void add_attentions(View<const T, 4> probs);     // [B, H, L, S] of an attention layer
  void add_router_logits(View<const T, 2> logits);  // [T, E] of a layer with experts

  /// Adds the final norm, which stands where the output of the last layer would, and shows the tuples, each as one
  /// tensor: Site::hidden_states and Site::attentions.
  void show(View<const T, 3> final_norm,  // [B, L, D]
            const Probe& probe);

  [[nodiscard]] const std::vector<Tensor<T, 2>>& router_logits() const { return router_logits_; }

 private:
  bool hidden_states_wanted_ = false;
  bool attentions_wanted_ = false;
  bool router_logits_wanted_ = false;
  std::vector<Tensor<T, 3>> hidden_states_;
  std::vector<Tensor<T, 4>> attentions_;
  std::vector<Tensor<T, 2>> router_logits_;
};

}  // namespace assay::reference
