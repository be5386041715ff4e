// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// In which type the optimized engine keeps the weights of its matrices.
#pragma once

#include <cstddef>
#include <string_view>

namespace assay::optimized {

enum class WeightStorage {
  f32,
  bf16,  ///< half the memory traffic; widened to float32 on the way to the arithmetic, never rounded
};

[[nodiscard]] constexpr std::string_view name(WeightStorage storage) {
  return storage == WeightStorage::f32 ? "f32" : "bf16";
}

[[nodiscard]] constexpr std::size_t size_bytes(WeightStorage storage) { return storage == WeightStorage::f32 ? 4 : 2; }

}  // namespace assay::optimized
