// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/experts.hpp"

#include "reference/blocks/residual.hpp"
#include "reference/ops/activation.hpp"
#include "reference/ops/linear.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

/// One row through a matrix without a bias.
template <class T>
void project_row(View<const T, 1> x, const WeightMatrix& weight, View<T, 1> y) {
  linear<T>(x.reshaped(std::array{std::size_t{1}, x.extent(0)}), weight, std::nullopt,
            y.reshaped(std::array{std::size_t{1}, y.extent(0)}));
}

template <class T>
View<T, 1> part(View<T, 1> row, std::size_t first, std::size_t count) {
  return {row.data() + first, {count}};
}

}  // namespace

template <class T>
Tensor<T, 3> apply_experts(View<const T, 3> hidden, const std::vector<ExpertWeights>& experts,
                           const ActivationFunction& act_fn, const Routing<T>& routing, const Probe& probe) {
  const View<const T, 2> tokens = rows(hidden);
  const std::size_t slots = routing.experts.extent(1);
  const std::size_t width = experts.front().gate.rows;
  const auto expert_of = [&](std::size_t token, std::size_t slot) -> const ExpertWeights& {
    return experts[static_cast<std::size_t>(routing.experts(token, slot))];
  };

  Tensor<T, 3> gate_up({tokens.extent(0), slots, 2 * width});
  for (std::size_t token = 0; token < tokens.extent(0); ++token) {
    for (std::size_t slot = 0; slot < slots; ++slot) {
      const View<T, 1> row = gate_up.view()[token][slot];
      project_row<T>(tokens[token], expert_of(token, slot).gate, part(row, 0, width));
      project_row<T>(tokens[token], expert_of(token, slot).up, part(row, width, width));
    }
  }
                                                                  probe(Site::expert_gate_up, gate_up.view());
  Tensor<T, 3> act({tokens.extent(0), slots, width});
  for (std::size_t token = 0; token < tokens.extent(0); ++token) {
    for (std::size_t slot = 0; slot < slots; ++slot) {
      for (std::size_t i = 0; i < width; ++i) {
        act(token, slot, i) = narrow<T>(activate(act_fn, widen(gate_up(token, slot, i))) *
                                        widen(gate_up(token, slot, width + i)));
      }
    }
  }
                                                                  probe(Site::expert_act, act.view());
  Tensor<T, 3> down({tokens.extent(0), slots, tokens.extent(1)});
  for (std::size_t token = 0; token < tokens.extent(0); ++token) {
    for (std::size_t slot = 0; slot < slots; ++slot) {
      project_row<T>(act.view()[token][slot], expert_of(token, slot).down, down.view()[token][slot]);
    }
  }
                                                                  probe(Site::expert_out, down.view());
  Tensor<T, 3> out({hidden.extent(0), hidden.extent(1), hidden.extent(2)});
  for (std::size_t token = 0; token < tokens.extent(0); ++token) {
    for (std::size_t i = 0; i < tokens.extent(1); ++i) {
      Wide<T> sum = 0.0;
      for (std::size_t slot = 0; slot < slots; ++slot) {
        sum += widen(routing.weights(token, slot)) * widen(down(token, slot, i));
      }
      rows(out)(token, i) = narrow<T>(sum);
    }
  }
                                                                  probe(Site::moe_out, out.view());
  return out;
}

template Tensor<float, 3> apply_experts<float>(View<const float, 3>, const std::vector<ExpertWeights>&,
                                               const ActivationFunction&, const Routing<float>&, const Probe&);
template Tensor<double, 3> apply_experts<double>(View<const double, 3>, const std::vector<ExpertWeights>&,
                                                 const ActivationFunction&, const Routing<double>&, const Probe&);
template Tensor<Gauged, 3> apply_experts<Gauged>(View<const Gauged, 3>, const std::vector<ExpertWeights>&,
                                                 const ActivationFunction&, const Routing<Gauged>&, const Probe&);

}  // namespace assay::reference
