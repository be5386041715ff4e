// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How unevenly the routers use their experts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/tensor.hpp"

namespace assay::reference {

/// E * sum_e f_e * q_e over the tokens of all layers together. f_e is how often a token has expert e among the k
/// largest of a plain softmax over all experts (of PhiMoE too, whose router chooses otherwise), q_e the mean of its
/// softmax there. Tokens whose mask is 0 do not count; no mask: all count. load_balancing_loss_func of
/// transformers 5.23.0.
template <class T>
[[nodiscard]] double load_balancing_loss(const std::vector<Tensor<T, 2>>& router_logits,  // [T, E], a layer each
                                         std::size_t k,
                                         std::span<const std::int64_t> mask);  // [T], or nothing

}  // namespace assay::reference
