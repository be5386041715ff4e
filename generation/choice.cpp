// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "generation/choice.hpp"

#include <fmt/format.h>

#include <cmath>

#include "generation/processors.hpp"
#include "model/error.hpp"

namespace assay::generation {

std::int64_t argmax(const ConstValues& logits) {
  return std::visit(
      [](auto values) {
        std::size_t best = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
          if (std::isnan(static_cast<double>(values[i]))) {
            throw Error(fmt::format("logits: token {}: expected a number, found NaN", i));
          }
          if (values[i] > values[best]) best = i;
        }
        return static_cast<std::int64_t>(best);
      },
      logits);
}

template <class T>
std::int64_t invert_cumulative(std::span<const T> probabilities, double draw) {
  double cumulative = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    if (probabilities[i] == T{0}) continue;
    last = i;
    cumulative += static_cast<double>(probabilities[i]);
    if (cumulative > draw) break;
  }
  return static_cast<std::int64_t>(last);
}

template std::int64_t invert_cumulative(std::span<const float>, double);
template std::int64_t invert_cumulative(std::span<const double>, double);

TokenChooser::TokenChooser(const Decoding& decoding, std::size_t rows, std::size_t vocab_size) : decoding_(decoding) {
  check(decoding_);
  if (decoding_.repetition_penalty != 1.0) seen_ = Tensor<std::uint8_t, 2>({rows, vocab_size});
  order_.reserve(vocab_size);
}

void TokenChooser::saw(std::size_t row, std::int64_t token) {
  if (!seen_.empty()) seen_(row, static_cast<std::size_t>(token)) = 1;
}

std::int64_t TokenChooser::choose(std::size_t row, const ConstValues& logits, double draw) {
  probabilities_ = {};
  if (const auto* values = std::get_if<std::span<const float>>(&logits)) return choose(row, *values, draw, narrow_);
  if (const auto* values = std::get_if<std::span<const double>>(&logits)) return choose(row, *values, draw, wide_);
  throw Error("logits: expected floating-point values, found others");
}

template <class T>
std::int64_t TokenChooser::choose(std::size_t row, std::span<const T> logits, double draw, Room<T>& room) {
  if (seen_.empty() && !decoding_.sampling) return argmax(logits);
  room.scores.assign(logits.begin(), logits.end());
  const std::span<T> scores(room.scores);
  if (!seen_.empty()) {
    penalise_repetition(scores, seen_.view()[row].flat(), decoding_.repetition_penalty);
  }
  if (!decoding_.sampling) return argmax(std::span<const T>(scores));

  // What is not a number here would be no distribution; a NaN is named with its token.
  static_cast<void>(argmax(std::span<const T>(scores)));
  const Sampling& sampling = *decoding_.sampling;
  room.probabilities.resize(scores.size());
  if (sampling.temperature != 1.0) apply_temperature(scores, sampling.temperature);
  keep_top_k(scores, sampling.top_k, room.scratch);
  if (sampling.top_p < 1.0) keep_top_p(scores, sampling.top_p, order_);
  if (sampling.min_p) keep_min_p(scores, *sampling.min_p, std::span<T>(room.probabilities));
  softmax(std::span<const T>(scores), std::span<T>(room.probabilities));
  probabilities_ = std::span<const T>(room.probabilities);
  return invert_cumulative(std::span<const T>(room.probabilities), draw);
}

}  // namespace assay::generation
