// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What harnesses usually ask of a tensor: one number for all of it. They judge nothing here; the kill matrix shows
// beside each fault whether they would have seen it.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace assay::selftest {

enum class Aggregate {
  cosine,         ///< of the angle between the two, at least 0.99
  nmse,           ///< ||e||^2 / ||expected||^2, at most 1e-6
  allclose_1e_3,  ///< |e| <= 1e-3 + 1e-3 |expected| for every element
  allclose_1e_5,  ///< |e| <= 1e-5 + 1e-5 |expected| for every element
};

inline constexpr std::array all_aggregates{Aggregate::cosine, Aggregate::nmse, Aggregate::allclose_1e_3,
                                           Aggregate::allclose_1e_5};

/// "cosine >= 0.99" and so on.
[[nodiscard]] std::string_view name(Aggregate aggregate);

/// Whether the aggregate lets `actual` pass for `expected`, of as many elements. NaN does not pass.
[[nodiscard]] bool passes(Aggregate aggregate, std::span<const double> expected, std::span<const double> actual);

}  // namespace assay::selftest
