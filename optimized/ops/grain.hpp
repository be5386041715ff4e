// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// When an operation is worth more than one thread.
#pragma once

#include <algorithm>
#include <cstddef>

namespace assay::optimized {

/// The rows from which on other threads are woken, for Threads::split. A row costs as much as moving `elements` floats
/// that are in cache; 16384 of them take about as long as waking a thread and waiting for it.
[[nodiscard]] inline std::size_t rows_worth_threads(std::size_t elements) {
  constexpr std::size_t worthwhile_elements = 16384;
  return worthwhile_elements / std::max<std::size_t>(elements, 1) + 1;
}

}  // namespace assay::optimized
