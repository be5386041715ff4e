// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/generation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golden/judge/effective_rows.hpp"
#include "golden/judge/metrics.hpp"

namespace assay::golden {
namespace {

/// Probabilities below this may be 0 in float32 without having been filtered out.
constexpr double least_probability = 1e-30;

constexpr double half_ulp(Precision precision) { return precision == Precision::f32 ? 0x1p-24 : 0x1p-53; }

double pooled(const RecordedGeneration& golden) {
  if (!golden.has_truth) return 0.0;
  const auto truth = golden.truth_logits.view().flat();
  const auto hf32 = golden.hf32_logits.view().flat();
  std::vector<double> noise(truth.size());
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = hf32[i] - truth[i];
  const double scale = norm_l2(truth);
  return scale == 0.0 ? 0.0 : norm_l2(noise) / scale;
}

double share(const StepMetrics& metrics) {
  const auto part = [](double error, double limit) { return error == 0.0 ? 0.0 : error / limit; };
  return std::max(part(metrics.max_abs, metrics.limit_max_abs), part(metrics.rel_l2, metrics.limit_rel_l2));
}

/// Keeps the one that used more of its limit; one that is no number uses all.
void keep_worse(std::optional<StepMetrics>& worst, const StepMetrics& metrics) {
  if (!worst || !(share(metrics) <= share(*worst))) worst = metrics;
}

}  // namespace

GenerationJudge::GenerationJudge(const RecordedGeneration& golden, const GenerationExam& exam)
    : golden_(golden),
      exam_(exam),
      unit_(half_ulp(exam.precision)),
      pooled_noise_(pooled(golden)),
      live_(golden.rows(), true),
      logits_(golden.rows() * golden.vocab_size()),
      probabilities_(golden.do_sample ? golden.rows() * golden.vocab_size() : 0),
      tokens_(golden.rows()) {
  result_.sampled = golden.do_sample;
  result_.rows = golden.rows();
  result_.steps = golden.steps();
}

void GenerationJudge::chosen(std::size_t step, std::size_t row, std::span<const double> logits,
                             std::span<const double> probabilities, std::int64_t token) {
  engine_steps_ = step + 1;
  if (step >= golden_.steps()) return;
  const auto first = static_cast<std::ptrdiff_t>(row * golden_.vocab_size());
  std::ranges::copy(logits, logits_.begin() + first);
  if (!probabilities_.empty()) std::ranges::copy(probabilities, probabilities_.begin() + first);
  tokens_[row] = token;
  if (row + 1 == golden_.rows()) judge_step(step);
}

void GenerationJudge::fail(const std::string& note) {
  result_.verdict = Verdict::fail;
  if (result_.note.empty()) result_.note = note;
}

void GenerationJudge::judge_step(std::size_t step) {
  if (std::ranges::find(live_, true) == live_.end()) return;
  if (result_.verdict == Verdict::vacuous) result_.verdict = Verdict::pass;
  const double logit_error = judge_logits(step);
  for (std::size_t row = 0; row < golden_.rows(); ++row) {
    if (live_[row]) judge_row(step, row, logit_error);
  }
}

Limits GenerationJudge::limits(std::size_t step, std::span<const double> expected, std::span<const double> hf32) const {
  if (golden_.has_truth && exam_.precision == Precision::f64) {
    return limits_f64(exam_.tolerances, exam_.size, expected);
  }
  const double rows = effective_rows(expected, golden_.vocab_size());
  const bool narrow = expected.size() < exam_.tolerances.narrow_elements || rows < exam_.tolerances.few_rows;
  if (exam_.calibration) {
    const auto& [noise, gates] = *exam_.calibration;
    double squares = 0.0;
    for (std::size_t row = 0; row < golden_.rows(); ++row) {
      const double of_row = noise.rows[step * golden_.rows() + row];
      if (live_[row]) squares += of_row * of_row;
    }
    const double pooled = narrow ? pooled_noise_ : 0.0;
    return limits_gated(exam_.tolerances, expected,
                        {.noise_l2 = std::max(std::sqrt(squares), pooled * norm_l2(expected)),
                         .noise_max = std::max(noise.max_abs, pooled * norm_max(expected)),
                         .gate_l2 = gates.tensor,
                         .gate_max = gates.largest,
                         .samples = narrow ? rows : static_cast<double>(expected.size())});
  }
  if (!golden_.has_truth) return limits_without_truth(exam_.tolerances, expected);
  if (!narrow) return limits_f32(exam_.tolerances, expected, hf32);
  return limits_f32(exam_.tolerances, expected, hf32, PooledYardstick{pooled_noise_, rows});
}

/// Of all live rows as one tensor. Returns what a logit may be off by.
double GenerationJudge::judge_logits(std::size_t step) {
  std::vector<double> expected;
  std::vector<double> actual;
  std::vector<double> hf32;
  for (std::size_t row = 0; row < golden_.rows(); ++row) {
    if (!live_[row]) continue;
    const auto golden = golden_.logits(step, row);
    const auto theirs = golden_.hf32_logits.view()[step][row].flat();
    const auto ours = std::span<const double>(logits_).subspan(row * golden_.vocab_size(), golden_.vocab_size());
    expected.insert(expected.end(), golden.begin(), golden.end());
    actual.insert(actual.end(), ours.begin(), ours.end());
    hf32.insert(hf32.end(), theirs.begin(), theirs.end());
  }
  const Limits limit = limits(step, expected, hf32);
  const Metrics metrics =
      measure(Expected{expected}, Actual{actual}, {expected.size()}, exam_.precision, limit.max_abs);
  const double scale = norm_l2(expected);
  const StepMetrics found{.step = step,
                          .max_abs = metrics.max_abs,
                          .limit_max_abs = limit.max_abs,
                          .rel_l2 = metrics.rel_l2,
                          .limit_rel_l2 = scale == 0.0 ? 0.0 : limit.l2 / scale};
  keep_worse(result_.worst_logits, found);
  // Written so that a NaN fails.
  if (!(found.max_abs <= found.limit_max_abs && found.rel_l2 <= found.limit_rel_l2)) {
    fail(fmt::format("the logits of step {} are beyond their limit", step));
  }
  return limit.max_abs;
}

void GenerationJudge::judge_row(std::size_t step, std::size_t row, double logit_error) {
  const StepScores scores(golden_, step, row, golden_.logits(step, row));
  const double score_error = scores.score_error(logit_error, unit_);
  std::vector<Kept> kept;
  if (golden_.do_sample) {
    kept = scores.kept(score_error, unit_);
    judge_probabilities(step, row, kept, score_error);
  }
  ++result_.tokens;
  if (tokens_[row] != golden_.token(step, row)) judge_token(step, row, scores, kept, score_error);
}

void GenerationJudge::judge_probabilities(std::size_t step, std::size_t row, std::span<const Kept> kept,
                                          double score_error) {
  const auto expected = golden_.probs(step, row);
  const auto actual = std::span<const double>(probabilities_).subspan(row * kept.size(), kept.size());
  // Of what both keep; a token that only one of them keeps must be a tie at the border of a filter.
  double expected_sum = 0;
  double actual_sum = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const bool here = actual[i] > 0.0;
    const bool there = expected[i] > 0.0;
    if (here && there) {
      expected_sum += expected[i];
      actual_sum += actual[i];
    } else if (here != there) {
      if (kept[i] == Kept::maybe) {
        ++result_.tied_filters;
        result_.verdict = worse(result_.verdict, Verdict::tie);
      } else if (std::max(expected[i], actual[i]) > least_probability) {
        fail(fmt::format("step {}, row {}: token {} {} the filters, in the golden it {}", step, row, i,
                         here ? "passes" : "does not pass", there ? "does" : "does not"));
      }
    }
  }
  // Each weight e^score is off by a factor of up to e^error, and so is their sum; the rest is rounding of both sides.
  const double factor = std::expm1(2.0 * score_error);
  const double rounding = 16.0 * (golden_.has_truth ? unit_ : half_ulp(Precision::f32));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!(actual[i] > 0.0) || !(expected[i] > 0.0)) continue;
    const double should_be = expected[i] / expected_sum;
    const StepMetrics found{.step = step,
                            .max_abs = std::abs(actual[i] / actual_sum - should_be),
                            .limit_max_abs = should_be * factor + rounding};
    keep_worse(result_.worst_probabilities, found);
    if (!(found.max_abs <= found.limit_max_abs)) {
      fail(fmt::format("step {}, row {}: the probability of token {} is beyond its limit", step, row, i));
    }
  }
  const bool is_a_number = std::ranges::all_of(actual, [](double p) { return p >= 0.0; });
  if (!is_a_number) fail(fmt::format("step {}, row {}: a probability is not a number", step, row));
}

/// How far transformers' own float32 logits are from the truth: what its choice is to be explained with.
double GenerationJudge::recorded_error(std::size_t step, std::size_t row) const {
  const auto expected = golden_.logits(step, row);
  const auto theirs = golden_.hf32_logits.view()[step][row].flat();
  double error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) error = std::max(error, std::abs(theirs[i] - expected[i]));
  return error;
}

void GenerationJudge::judge_token(std::size_t step, std::size_t row, const StepScores& scores,
                                  std::span<const Kept> kept, double score_error) {
  live_[row] = false;
  const std::int64_t recorded = golden_.token(step, row);
  const double f32 = half_ulp(Precision::f32);
  const double their_error = std::max(score_error, scores.score_error(recorded_error(step, row), f32));
  const double draw = golden_.do_sample ? golden_.uniform(step, row) : 0.0;
  const auto proof = [&](std::int64_t token, std::span<const Kept> may_be, double error, double unit) {
    return golden_.do_sample ? scores.drawn(token, draw, may_be, error, unit) : scores.greedy(token, error);
  };
  const Proof ours = proof(tokens_[row], kept, score_error, unit_);
  std::vector<Kept> their_kept;
  if (golden_.do_sample) their_kept = scores.kept(their_error, f32);
  const Proof theirs = proof(recorded, their_kept, their_error, f32);
  const TokenDifference difference{.step = step,
                                   .row = row,
                                   .expected = recorded,
                                   .actual = tokens_[row],
                                   .gap = ours.gap,
                                   .bound = ours.bound,
                                   .verdict = ours.holds() && theirs.holds() ? Verdict::tie : Verdict::fail};
  const bool is_worse = !result_.first_difference ||
                        (difference.verdict == Verdict::fail && result_.first_difference->verdict == Verdict::tie);
  if (is_worse) result_.first_difference = difference;
  result_.verdict = worse(result_.verdict, difference.verdict);
  if (difference.verdict == Verdict::tie) ++result_.tied_rows;
  if (ours.holds() && !theirs.holds()) {
    fail(fmt::format("step {}, row {}: the recorded token is not what the golden's own values give", step, row));
  }
}

GenerationResult GenerationJudge::result() const {
  GenerationResult result = result_;
  const bool some_live = std::ranges::find(live_, true) != live_.end();
  if (some_live && engine_steps_ != golden_.steps()) {
    result.verdict = Verdict::fail;
    if (result.note.empty()) {
      result.note = fmt::format("expected {} steps, the engine made {}", golden_.steps(), engine_steps_);
    }
  }
  return result;
}

}  // namespace assay::golden
