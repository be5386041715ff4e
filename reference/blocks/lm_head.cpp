// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/lm_head.hpp"

#include "reference/blocks/residual.hpp"
#include "reference/ops/linear.hpp"

namespace assay::reference {

template <class T>
Tensor<T, 3> lm_head(View<const T, 3> hidden, const WeightMatrix& weight, const std::optional<WeightMatrix>& bias,
                     double scaling, std::size_t logits_to_keep) {
  const std::size_t length = hidden.extent(1);
  const std::size_t kept = logits_to_keep == 0 ? length : logits_to_keep;
  Tensor<T, 3> last({hidden.extent(0), kept, hidden.extent(2)});
  for (std::size_t b = 0; b < hidden.extent(0); ++b) {
    for (std::size_t l = 0; l < kept; ++l) {
      for (std::size_t c = 0; c < hidden.extent(2); ++c) last(b, l, c) = hidden(b, length - kept + l, c);
    }
  }
  Tensor<T, 3> logits({hidden.extent(0), kept, weight.rows});
  linear<T>(rows(last), weight, bias, rows(logits));
  for (T& logit : logits.view().flat()) logit = static_cast<T>(static_cast<double>(logit) / scaling);
  return logits;
}

template Tensor<float, 3> lm_head<float>(View<const float, 3>, const WeightMatrix&, const std::optional<WeightMatrix>&,
                                         double, std::size_t);
template Tensor<double, 3> lm_head<double>(View<const double, 3>, const WeightMatrix&,
                                           const std::optional<WeightMatrix>&, double, std::size_t);

}  // namespace assay::reference
