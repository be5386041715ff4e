// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The uniform draws that sampling needs, in [0, 1): made from a seed, or given. torch's generator is not ours to
// repeat: what can be compared with transformers is what follows from equal draws.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/view.hpp"

namespace assay::generation {

class Draws {
 public:
  virtual ~Draws() = default;
  [[nodiscard]] virtual double at(std::size_t step, std::size_t row) const = 0;
};

/// Row r draws from SplitMix64 (Steele, Lea, Flood 2014) of its own, whose state starts at mix(mix(seed) + r): the draw
/// of a step is the upper 53 bits of that output, times 2^-53. It depends on seed, step and row only, so a prompt
/// that keeps its number gets the same draws in any batch.
class SeededDraws final : public Draws {
 public:
  /// `first_row` is the number of the prompt in row 0.
  explicit SeededDraws(std::uint64_t seed, std::size_t first_row = 0) : seed_(seed), first_row_(first_row) {}
  [[nodiscard]] double at(std::size_t step, std::size_t row) const override;

 private:
  std::uint64_t seed_;
  std::size_t first_row_;
};

/// Borrows [steps, rows]; none may be asked for beyond.
class GivenDraws final : public Draws {
 public:
  explicit GivenDraws(View<const double, 2> uniform) : uniform_(uniform) {}
  [[nodiscard]] double at(std::size_t step, std::size_t row) const override { return uniform_(step, row); }

 private:
  View<const double, 2> uniform_;
};

}  // namespace assay::generation
