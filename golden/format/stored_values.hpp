// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a dump may hold the values of a site in, and how they are widened: whoever writes one need not convert. A golden
// has one type for each (golden/FORMAT.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/dtype.hpp"
#include "model/site.hpp"

namespace assay::golden {

/// Floating-point sites as f64, f32, bf16 or f16; routing as i64 or i32; masks as u8, i64 or i32.
[[nodiscard]] bool may_hold(SiteKind kind, DType dtype);

/// "f64, f32, bf16 or f16": for complaints.
[[nodiscard]] std::string_view dtypes_of(SiteKind kind);

/// Of a floating-point dtype; exact.
[[nodiscard]] std::vector<double> widened(std::span<const std::byte> bytes, DType dtype);

/// Of an integer dtype.
[[nodiscard]] std::vector<std::int64_t> widened_integers(std::span<const std::byte> bytes, DType dtype);

}  // namespace assay::golden
