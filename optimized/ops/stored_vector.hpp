// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Stored tensors of any floating-point type as float32: exact from float16, bfloat16 and float32, rounded from float64,
// as loading in float32 does. Stored bytes need not be aligned.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "model/tensor_source.hpp"

namespace assay::optimized {

/// The whole tensor, flattened: a norm weight, a bias. Throws Error if its type is not a floating-point one.
[[nodiscard]] std::vector<float> read_vector(const StoredTensor& tensor);

/// out.size() elements from `first_element` of the flattened tensor on. Throws Error as read_vector does.
void widen(const StoredTensor& tensor, std::size_t first_element, std::span<float> out);

/// The same, and each element times `multiplier`, one float32 product.
void widen_scaled(const StoredTensor& tensor, std::size_t first_element, float multiplier, std::span<float> out);

}  // namespace assay::optimized
