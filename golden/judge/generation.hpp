// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Judges a free run of generate() by a recorded one: the tokens, the logits behind them while a row's tokens are the
// recorded ones, and where tokens are drawn the probabilities. A token that differs is a tie only where the golden's
// own values prove that rounding may choose either (docs/numerics.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "golden/format/gates_file.hpp"
#include "golden/format/null_distribution.hpp"
#include "golden/format/recorded_generation.hpp"
#include "golden/judge/generation_scores.hpp"
#include "golden/judge/result.hpp"
#include "golden/judge/tolerance.hpp"

namespace assay::golden {

/// What the null distribution of a generation says an engine may be off by.
struct GenerationCalibration {
  GenerationNoise noise;
  SiteGates gates;  ///< of the logits
};

struct GenerationExam {
  Precision precision = Precision::f64;  ///< of the engine
  ModelSize size = ModelSize::small;
  Tolerances tolerances = {};
  /// Of float32 engines, and of all where there is no truth; without one the table's ratios hold.
  std::optional<GenerationCalibration> calibration = {};
};

class GenerationJudge {
 public:
  /// Borrows the golden's generation.
  GenerationJudge(const RecordedGeneration& golden, const GenerationExam& exam);

  /// The engine's choices, row after row and step after step: its logits [V], what it drew from [V] (empty in a greedy
  /// run), its token. Steps beyond the golden's are counted and not judged.
  void chosen(std::size_t step, std::size_t row, std::span<const double> logits, std::span<const double> probabilities,
              std::int64_t token);

  /// After the last of them.
  [[nodiscard]] GenerationResult result() const;

 private:
  void judge_step(std::size_t step);
  [[nodiscard]] double judge_logits(std::size_t step);
  void judge_row(std::size_t step, std::size_t row, double logit_error);
  void judge_probabilities(std::size_t step, std::size_t row, std::span<const Kept> kept, double score_error);
  void judge_token(std::size_t step, std::size_t row, const StepScores& scores, std::span<const Kept> kept,
                   double score_error);
  [[nodiscard]] Limits limits(std::size_t step, std::span<const double> expected, std::span<const double> hf32) const;
  [[nodiscard]] double recorded_error(std::size_t step, std::size_t row) const;
  void fail(const std::string& note);

  const RecordedGeneration& golden_;
  GenerationExam exam_;
  double unit_;                        // half a unit in the last place of 1, of the engine
  double pooled_noise_;                // ||hf32 - truth|| / ||truth|| of the logits of all steps
  std::vector<bool> live_;             // [B]: rows whose tokens are still the recorded ones
  std::vector<double> logits_;         // [B, V] of the step at hand
  std::vector<double> probabilities_;  // [B, V]; only where tokens are drawn
  std::vector<std::int64_t> tokens_;   // [B]
  std::size_t engine_steps_ = 0;
  GenerationResult result_;
};

}  // namespace assay::golden
