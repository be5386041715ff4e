// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The residual stream: embeddings at its start, branches added to it, rows as the ops want them.
#pragma once

#include "model/call.hpp"
#include "model/tensor.hpp"
#include "reference/weight.hpp"

namespace assay::reference {

/// [B, L, D] seen as [B * L, D].
template <class T>
[[nodiscard]] View<T, 2> rows(View<T, 3> x) {
  return x.reshaped(std::array{x.extent(0) * x.extent(1), x.extent(2)});
}

template <class T>
[[nodiscard]] View<T, 2> rows(Tensor<T, 3>& x) {
  return rows(x.view());
}

/// The rows of the embedding matrix that the ids name, or the embeddings that the caller gives instead; either times
/// `multiplier`.
template <class T>
[[nodiscard]] Tensor<T, 3> embed(const Call& call,
                                 const WeightMatrix& embeddings,  // [V, D]
                                 double multiplier);              // -> [B, L, D]

/// x = x + branch * multiplier: the multiplier scales the branch, never the stream.
template <class T>
void add_branch(View<T, 3> x,             // [B, L, D]
                View<const T, 3> branch,  // [B, L, D]
                double multiplier);

}  // namespace assay::reference
