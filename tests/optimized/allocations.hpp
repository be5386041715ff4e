// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Every heap allocation of this test program, counted.
#pragma once

#include <cstddef>

namespace assay::test {

/// Since the program began, by any thread.
[[nodiscard]] std::size_t heap_allocations();

/// Address space of this process in pages: what maps memory past the heap shows here.
[[nodiscard]] std::size_t mapped_pages();

}  // namespace assay::test
