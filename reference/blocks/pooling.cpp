// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/pooling.hpp"

#include <algorithm>

#include "reference/scalar.hpp"

namespace assay::reference {

std::size_t pooled_token(const Call& call, std::size_t row, std::optional<std::int64_t> pad_token_id) {
  if (!pad_token_id || call.inputs_embeds) return call.length() - 1;
  for (std::size_t token = call.length(); token-- > 0;) {
    if (call.input_ids(row, token) != *pad_token_id) return token;
  }
  return 0;
}

template <class T>
Tensor<T, 2> pool(View<const T, 3> scores, const Call& call, std::optional<std::int64_t> pad_token_id) {
  Tensor<T, 2> pooled({scores.extent(0), scores.extent(2)});
  for (std::size_t b = 0; b < scores.extent(0); ++b) {
    std::ranges::copy(scores[b][pooled_token(call, b, pad_token_id)].flat(), pooled.view()[b].flat().begin());
  }
  return pooled;
}

template Tensor<float, 2> pool<float>(View<const float, 3>, const Call&, std::optional<std::int64_t>);
template Tensor<double, 2> pool<double>(View<const double, 3>, const Call&, std::optional<std::int64_t>);
template Tensor<Gauged, 2> pool<Gauged>(View<const Gauged, 3>, const Call&, std::optional<std::int64_t>);

}  // namespace assay::reference
