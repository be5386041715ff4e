// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/decoding.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "model/error.hpp"

namespace assay::generation {
namespace {

void expect(bool holds, std::string_view name, std::string_view expected, double found) {
  if (!holds) throw Error(fmt::format("{}: expected {}, found {}", name, expected, found));
}

}  // namespace

void check(const Decoding& decoding) {
  // Written so that a NaN fails.
  const auto is_above_0 = [](double value) { return value > 0.0 && std::isfinite(value); };
  expect(is_above_0(decoding.repetition_penalty), "repetition_penalty", "a finite number above 0",
         decoding.repetition_penalty);
  if (!decoding.sampling) return;
  const Sampling& sampling = *decoding.sampling;
  expect(is_above_0(sampling.temperature), "temperature", "a finite number above 0", sampling.temperature);
  expect(sampling.top_k > 0, "top_k", "1 or more", 0.0);
  expect(sampling.top_p > 0.0 && sampling.top_p <= 1.0, "top_p", "a number above 0, up to 1", sampling.top_p);
  const double min_p = sampling.min_p.value_or(0.0);
  expect(min_p >= 0.0 && min_p <= 1.0, "min_p", "0 to 1", min_p);
}

}  // namespace assay::generation
