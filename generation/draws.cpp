// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/draws.hpp"

namespace assay::generation {
namespace {

constexpr std::uint64_t golden_gamma = 0x9e3779b97f4a7c15;

/// The output function of SplitMix64: the number that a state gives when it is next asked.
std::uint64_t mix(std::uint64_t state) {
  state += golden_gamma;
  state = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9;
  state = (state ^ (state >> 27U)) * 0x94d049bb133111eb;
  return state ^ (state >> 31U);
}

}  // namespace

double SeededDraws::at(std::size_t step, std::size_t row) const {
  const std::uint64_t start = mix(mix(seed_) + first_row_ + row);
  return static_cast<double>(mix(start + golden_gamma * step) >> 11U) * 0x1p-53;
}

}  // namespace assay::generation
