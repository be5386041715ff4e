// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/call_outputs.hpp"

#include <algorithm>

#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

template <class T, std::size_t Rank>
Tensor<T, Rank> copy_of(View<const T, Rank> source) {
  Tensor<T, Rank> copy(source.extents());
  std::ranges::copy(source.flat(), copy.view().flat().begin());
  return copy;
}

/// Tensors of equal extents, one behind the other along a new first axis.
template <class T, std::size_t Rank>
Tensor<T, Rank + 1> stack(const std::vector<Tensor<T, Rank>>& parts) {
  std::array<std::size_t, Rank + 1> extents{parts.size()};
  std::ranges::copy(parts.front().view().extents(), extents.begin() + 1);
  Tensor<T, Rank + 1> stacked(extents);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::ranges::copy(parts[i].view().flat(), stacked.view()[i].flat().begin());
  }
  return stacked;
}

}  // namespace

template <class T>
void CallOutputs<T>::add_hidden_states(View<const T, 3> x) {
  if (hidden_states_wanted_) hidden_states_.push_back(copy_of(x));
}

template <class T>
void CallOutputs<T>::add_attentions(View<const T, 4> probs) {
  if (attentions_wanted_) attentions_.push_back(copy_of(probs));
}

template <class T>
void CallOutputs<T>::add_router_logits(View<const T, 2> logits) {
  if (router_logits_wanted_) router_logits_.push_back(copy_of(logits));
}

template <class T>
void CallOutputs<T>::show(View<const T, 3> final_norm, const Probe& probe) {
  add_hidden_states(final_norm);
  if (!hidden_states_.empty()) probe(Site::hidden_states, stack(hidden_states_).view());
  if (!attentions_.empty()) probe(Site::attentions, stack(attentions_).view());
}

template class CallOutputs<float>;
template class CallOutputs<double>;
template class CallOutputs<Gauged>;

}  // namespace assay::reference
