// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/shared_mlp.hpp"

#include "reference/blocks/activation.hpp"
#include "reference/blocks/residual.hpp"
#include "reference/ops/activation.hpp"
#include "reference/ops/linear.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
SharedMlp<T>::SharedMlp(const Weights& weights, const std::string& prefix, Activation activation)
    : input_(weight_matrix(weights, prefix + "input_linear.weight")),
      output_(weight_matrix(weights, prefix + "output_linear.weight")),
      activation_(activation_of(activation, weights, prefix + "activation.")) {}

template <class T>
Tensor<T, 3> SharedMlp<T>::forward(View<const T, 3> hidden, const Probe& probe) const {
  const std::size_t width = output_.columns;
  Tensor<T, 3> gate_up({hidden.extent(0), hidden.extent(1), 2 * width});
  linear<T>(rows(hidden), input_, std::nullopt, rows(gate_up));   probe(Site::shared_gate_up, gate_up.view());

  Tensor<T, 3> act({hidden.extent(0), hidden.extent(1), width});
  for (std::size_t token = 0; token < rows(act).extent(0); ++token) {
    for (std::size_t i = 0; i < width; ++i) {
      rows(act)(token, i) = narrow<T>(activate(activation_, widen(rows(gate_up)(token, i))) *
                                      widen(rows(gate_up)(token, width + i)));
    }
  }
                                                                  probe(Site::shared_act, act.view());
  Tensor<T, 3> out({hidden.extent(0), hidden.extent(1), hidden.extent(2)});
  linear<T>(rows(act), output_, std::nullopt, rows(out));         probe(Site::shared_mlp_out, out.view());
  return out;
}

template class SharedMlp<float>;
template class SharedMlp<double>;
template class SharedMlp<Gauged>;

}  // namespace assay::reference
