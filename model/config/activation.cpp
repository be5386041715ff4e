// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/activation.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace assay {
namespace {

using enum Activation;

constexpr std::array<std::pair<std::string_view, Activation>, 24> names = {{
    {"gelu", gelu},
    {"gelu_10", gelu_10},
    {"gelu_accurate", gelu_accurate},
    {"gelu_fast", gelu_fast},
    {"gelu_new", gelu_new},
    {"gelu_python", gelu_python},
    {"gelu_python_tanh", gelu_python_tanh},
    {"gelu_pytorch_tanh", gelu_pytorch_tanh},
    {"hardswish", hardswish},
    {"laplace", laplace},
    {"leaky_relu", leaky_relu},
    {"linear", linear},
    {"mish", mish},
    {"prelu", prelu},
    {"quick_gelu", quick_gelu},
    {"relu", relu},
    {"relu2", relu2},
    {"relu6", relu6},
    {"sigmoid", sigmoid},
    {"silu", silu},
    {"sqrtsoftplus", sqrtsoftplus},
    {"swish", swish},
    {"tanh", Activation::tanh},
    {"xielu", xielu},
}};

}  // namespace

std::string_view name(Activation activation) { return names[static_cast<std::size_t>(activation)].first; }

std::optional<Activation> activation_named(std::string_view name) {
  const auto* const found = std::ranges::find(names, name, &decltype(names)::value_type::first);
  if (found == names.end()) return std::nullopt;
  return found->second;
}

std::vector<Activation> all_activations() {
  std::vector<Activation> all;
  for (const auto& entry : names) all.push_back(entry.second);
  return all;
}

}  // namespace assay
