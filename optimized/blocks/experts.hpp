// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The experts of a block of mixture of experts: tokens sorted by expert, one product for the gates and up projections
// of all experts that have tokens, one for their down projections, and the weighted sums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "optimized/blis/packed_matrix.hpp"
#include "optimized/blocks/call_context.hpp"

namespace assay::optimized {

/// What a router decided.
struct Routing {
  View<std::int64_t, 2> experts;  // [T, k]
  View<float, 2> weights;         // [T, k]
};

class Experts {
 public:
  struct Expert {
    blis::PackedMatrix gate_up;  // gated: I outputs of D inputs
    blis::PackedMatrix down;     // D outputs of I inputs
  };

  /// `width` is I, `experts_per_token` k.
  Experts(std::vector<Expert> experts, std::size_t width, std::size_t experts_per_token,
          const ActivationFunction& act_fn);

  void forward(Rows<const float> hidden,  // [T, D]
               const Routing& routing, CallContext& context, const Show& show,
               Rows<float> out);  // [T, D]

  void plan(const CallExtents& extents, std::size_t hidden_size, Slices& memory) const;

 private:
  struct Buffers {
    std::uint32_t* token_of;         // [T * k]: the token of each row, rows sorted by expert
    View<std::uint32_t, 2> row_of;   // [T, k]: the row of each slot
    std::size_t* first_row;          // [E + 1]: of each expert
    Rows<float> act;                 // [T * k, I]
    Rows<float> outs;                // [T * k, D]
  };

  [[nodiscard]] Buffers take(const CallExtents& extents, std::size_t hidden_size, Slices& memory) const;
  void sort_by_expert(const Routing& routing, const Buffers& buffers) const;

  std::vector<Expert> experts_;
  std::size_t width_;
  std::size_t experts_per_token_;
  ActivationFunction act_fn_;
  std::vector<blis::MatmulTask> tasks_;  // of one product; its memory is kept from call to call
};

}  // namespace assay::optimized
