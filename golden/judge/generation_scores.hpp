// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a step of generate() could have chosen from a golden's logits, given that each logit is known only to within an
// error. Double throughout, and nothing of generation/: two that agree because they are the same code prove nothing.
// The formulas are in docs/numerics.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/format/recorded_generation.hpp"

namespace assay::golden {

/// Whether the filters keep a token, whichever way rounding goes.
enum class Kept { no, maybe, yes };

/// How far a choice is from being explained, and how far it may be. In greedy decoding a gap of scores; in sampling the
/// distance of the draw from the token's part of the unit interval.
struct Proof {
  double gap = 0;
  double bound = 0;
  [[nodiscard]] bool holds() const { return gap <= bound; }
};

/// One step of one row.
class StepScores {
 public:
  /// `logits` [V] are the golden's. The tokens of the row before the step count for the repetition penalty.
  StepScores(const RecordedGeneration& golden, std::size_t step, std::size_t row, std::span<const double> logits);

  /// Error of a score when each logit is off by up to `logit_error` and numbers round to `unit` (half a unit in the
  /// last place of 1): the processors stretch the first and add some of the second.
  [[nodiscard]] double score_error(double logit_error, double unit) const;

  /// Whether a greedy run may choose the token, given the error of each score.
  [[nodiscard]] Proof greedy(std::int64_t token, double score_error) const;

  /// What the filters keep, [V].
  [[nodiscard]] std::vector<Kept> kept(double score_error, double unit) const;

  /// Whether a run that draws may choose the token.
  [[nodiscard]] Proof drawn(std::int64_t token, double draw, std::span<const Kept> kept, double score_error,
                            double unit) const;

 private:
  const RecordedGeneration& golden_;
  double penalty_;
  double temperature_;
  std::vector<double> scores_;  // [V] after penalty and temperature
  double largest_ = 0;
};

}  // namespace assay::golden
