// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/lm_head.hpp"

#include "reference/blocks/residual.hpp"
#include "reference/ops/linear.hpp"

namespace assay::reference {

template <class T>
Tensor<T, 3> lm_head(View<const T, 3> hidden, const WeightMatrix& weight, const std::optional<WeightMatrix>& bias,
                     double scaling) {
  Tensor<T, 3> logits({hidden.extent(0), hidden.extent(1), weight.rows});
  linear<T>(rows(hidden), weight, bias, rows(logits));
  for (T& logit : logits.view().flat()) logit = static_cast<T>(static_cast<double>(logit) / scaling);
  return logits;
}

template Tensor<float, 3> lm_head<float>(View<const float, 3>, const WeightMatrix&, const std::optional<WeightMatrix>&,
                                         double);
template Tensor<double, 3> lm_head<double>(View<const double, 3>, const WeightMatrix&,
                                           const std::optional<WeightMatrix>&, double);

}  // namespace assay::reference
