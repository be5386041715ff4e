// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// From the logits of one row to its next token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "generation/decoding.hpp"
#include "model/probe.hpp"
#include "model/tensor.hpp"

namespace assay::generation {

/// The first of the largest, as torch.argmax. Throws Error on a NaN.
[[nodiscard]] std::int64_t argmax(const ConstValues& logits);

/// The first index whose cumulative probability, summed in double, exceeds the draw; where rounding leaves the sum of
/// all below it, the last index that has a probability.
template <class T>
[[nodiscard]] std::int64_t invert_cumulative(std::span<const T> probabilities, double draw);

/// Chooses tokens for the rows of a batch; remembers which tokens each row has seen. Allocates when it is made.
class TokenChooser {
 public:
  /// Throws Error as check(Decoding) does.
  TokenChooser(const Decoding& decoding, std::size_t rows, std::size_t vocab_size);

  /// The token is part of the row: the repetition penalty counts it.
  void saw(std::size_t row, std::int64_t token);

  /// `logits` [V] is float or double, as the engine stores values; `draw` is not looked at in greedy decoding. Throws
  /// Error where a logit is not a number, and where the scores do not make a distribution.
  [[nodiscard]] std::int64_t choose(std::size_t row, const ConstValues& logits, double draw);

  /// The probabilities that the last choice was drawn from, [V] in the type of its logits; empty in greedy decoding.
  [[nodiscard]] const ConstValues& probabilities() const { return probabilities_; }

 private:
  template <class T>
  struct Room {
    std::vector<T> scores;         // [V]
    std::vector<T> probabilities;  // [V]
    std::vector<T> scratch;        // [V]
  };
  template <class T>
  [[nodiscard]] std::int64_t choose(std::size_t row, std::span<const T> logits, double draw, Room<T>& room);

  Decoding decoding_;
  Tensor<std::uint8_t, 2> seen_;  // [rows, V]; empty without a repetition penalty
  Room<float> narrow_;
  Room<double> wide_;
  std::vector<std::size_t> order_;
  ConstValues probabilities_;
};

}  // namespace assay::generation
