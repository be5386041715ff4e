// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What transformers does to the scores of a step before a token is chosen: the LogitsProcessor classes of
// generation/logits_process.py (5.23.0) that GenerationMixin._get_logits_processor takes up for the options of
// assay run, in that order. All work on one row [V] in place; -inf marks a token that is filtered out.
//
// T is the type of the engine's logits. transformers casts the logits to float32 and every option with them, so the
// float instances round where it rounds: an option to float first, then one operation at a time. Sums of
// probabilities are in double, as those of torch.cumsum on a CPU are. The double instances are for a float64 engine
// against the float64 truth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace assay::generation {

/// RepetitionPenaltyLogitsProcessor: the score of each token that `seen` [V] marks is divided by the penalty, or
/// multiplied where it is negative; once, however often the token was seen.
template <class T>
void penalise_repetition(std::span<T> scores, std::span<const std::uint8_t> seen, double penalty);

/// TemperatureLogitsWarper.
template <class T>
void apply_temperature(std::span<T> scores, double temperature);

/// TopKLogitsWarper: drops scores strictly below the k-th largest, so that ties with it stay.
template <class T>
void keep_top_k(std::span<T> scores, std::size_t top_k, std::vector<T>& scratch);

/// TopPLogitsWarper: in ascending order drops tokens while their cumulative probability is at most 1 - top_p; the
/// last stays. Equal scores are in the order of their ids (torch.sort promises none).
template <class T>
void keep_top_p(std::span<T> scores, double top_p, std::vector<std::size_t>& scratch);

/// MinPLogitsWarper: drops tokens less probable than min_p times the most probable one, which stays. `probabilities`
/// [V] is scratch.
template <class T>
void keep_min_p(std::span<T> scores, double min_p, std::span<T> probabilities);

/// torch.softmax; 0 where the score is -inf. Throws Error where the largest score is not a finite number.
template <class T>
void softmax(std::span<const T> scores, std::span<T> probabilities);

}  // namespace assay::generation
