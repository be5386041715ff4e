// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The group /generation of a golden: a run of transformers' generate() and both models' logits on its way
// (golden/FORMAT.md). Reading checks everything, so that whoever judges by it need not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/config/config.hpp"
#include "model/files/hdf5.hpp"
#include "model/tensor.hpp"

namespace assay::golden {

/// Letters: B rows, L tokens of the padded prompts, N steps, V vocabulary.
struct RecordedGeneration {
  std::size_t max_new_tokens = 0;
  bool do_sample = false;
  std::optional<std::int64_t> pad_token_id;
  std::vector<std::int64_t> eos_token_id;
  std::optional<std::size_t> top_k;  ///< these where the run set them; else transformers' defaults hold
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<double> min_p;
  std::optional<double> repetition_penalty;

  Tensor<std::int64_t, 2> input_ids;       ///< [B, L]
  Tensor<std::int64_t, 2> attention_mask;  ///< [B, L]
  Tensor<double, 2> uniform;               ///< [N, B]; empty in a greedy run
  Tensor<std::int64_t, 2> sequences;       ///< [B, L + N]

  bool has_truth = false;
  Tensor<double, 3> truth_logits;  ///< [N, B, V]; empty without a truth
  Tensor<double, 3> hf32_logits;   ///< [N, B, V]
  Tensor<double, 3> truth_probs;   ///< [N, B, V]; empty in a greedy run or without a truth
  Tensor<double, 3> hf32_probs;    ///< [N, B, V]; empty in a greedy run

  [[nodiscard]] std::size_t rows() const { return input_ids.extent(0); }
  [[nodiscard]] std::size_t width() const { return input_ids.extent(1); }
  [[nodiscard]] std::size_t steps() const { return sequences.extent(1) - width(); }
  [[nodiscard]] std::size_t vocab_size() const { return hf32_logits.extent(2); }
  /// The token that the run chose.
  [[nodiscard]] std::int64_t token(std::size_t step, std::size_t row) const { return sequences(row, width() + step); }
  /// The values that an engine is held against: the truth's, or without one those of the float32 model. [V]
  [[nodiscard]] std::span<const double> logits(std::size_t step, std::size_t row) const;
  [[nodiscard]] std::span<const double> probs(std::size_t step, std::size_t row) const;
};

/// Nothing where the golden has no generation. Throws Error of what is missing, misshaped, out of range, or not what
/// generate() returns: prompts that sequences does not begin with, tokens behind an end of text that are no pads.
[[nodiscard]] std::optional<RecordedGeneration> read_generation(const Hdf5Reader& reader, const Config& config);

}  // namespace assay::golden
