// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/lm_head.hpp"

#include "reference/blocks/residual.hpp"
#include "reference/ops/linear.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
Tensor<T, 3> lm_head(View<const T, 3> hidden, const WeightMatrix& weight, const std::optional<WeightMatrix>& bias,
                     double scaling, const Call& call) {
  Tensor<T, 3> kept({hidden.extent(0), call.kept_logits(), hidden.extent(2)});
  for (std::size_t b = 0; b < kept.extent(0); ++b) {
    for (std::size_t place = 0; place < kept.extent(1); ++place) {
      const std::size_t token = call.kept_token(place);
      for (std::size_t c = 0; c < kept.extent(2); ++c) kept(b, place, c) = hidden(b, token, c);
    }
  }
  Tensor<T, 3> logits({kept.extent(0), kept.extent(1), weight.rows});
  linear<T>(rows(kept), weight, bias, rows(logits));
  for (T& logit : logits.view().flat()) logit = narrow<T>(widen(logit) / scaling);
  return logits;
}

template Tensor<float, 3> lm_head<float>(View<const float, 3>, const WeightMatrix&, const std::optional<WeightMatrix>&,
                                         double, const Call&);
template Tensor<double, 3> lm_head<double>(View<const double, 3>, const WeightMatrix&,
                                           const std::optional<WeightMatrix>&, double, const Call&);
template Tensor<Gauged, 3> lm_head<Gauged>(View<const Gauged, 3>, const WeightMatrix&,
                                           const std::optional<WeightMatrix>&, double, const Call&);

}  // namespace assay::reference
