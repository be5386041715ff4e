// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Element types as they are stored, and the exact widening of the 16-bit ones.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace assay {

enum class DType { f64, f32, f16, bf16, i64, i32, u8 };

[[nodiscard]] std::size_t size_bytes(DType dtype);

/// "f64", "f32", "f16", "bf16", "i64", "i32", "u8".
[[nodiscard]] std::string_view name(DType dtype);

/// The dtype of a safetensors header ("F64", "F32", "F16", "BF16", "I64", "I32", "U8"); nothing for any other.
[[nodiscard]] std::optional<DType> dtype_from_safetensors(std::string_view text);

/// Exact: a bfloat16 is the upper half of a float.
[[nodiscard]] constexpr float widen_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

/// The nearest bfloat16, of two the even one.
[[nodiscard]] constexpr float rounded_to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return widen_bf16(static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U));
}

/// Exact, subnormals included (IEEE 754 binary16).
[[nodiscard]] float widen_f16(std::uint16_t bits);

}  // namespace assay
