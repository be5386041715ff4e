// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Builds safetensors files, right and wrong ones, byte by byte.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "model/tensor_source.hpp"

namespace assay::test {

/// The length of `header`, `header` and `data`, as they follow each other in a file.
[[nodiscard]] std::string safetensors(std::string_view header, std::string_view data);

/// A valid file of tensors whose bytes all are `fill`, in the order of their names.
[[nodiscard]] std::string safetensors(const std::map<std::string, Shape>& shapes, std::string_view dtype, char fill);

[[nodiscard]] std::span<const std::byte> as_bytes(std::string_view text);

}  // namespace assay::test
