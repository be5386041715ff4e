// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/generation_scores.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace assay::golden {
namespace {

/// GenerationConfig's default where a run samples.
constexpr std::size_t default_top_k = 50;

/// Roundings of a softmax and of a sum of its terms, in units.
constexpr double softmax_roundings = 16;

Kept both(Kept a, Kept b) { return std::min(a, b); }

/// `surely` and `possibly` are what a filter says of a token at the two ends of its error.
Kept of(bool surely, bool possibly) {
  if (surely) return Kept::yes;
  return possibly ? Kept::maybe : Kept::no;
}

/// Which of the scores are in the running for the sums of top-p: weights e^(score - largest), in ascending order, with
/// the sums of what certainly and of what possibly stands below.
class Weights {
 public:
  Weights(std::span<const double> scores, std::span<const Kept> kept, double largest) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (kept[i] != Kept::no) entries_.push_back({scores[i], std::exp(scores[i] - largest), kept[i]});
    }
    std::ranges::sort(entries_, {}, &Entry::score);
    for (const Entry& entry : entries_) {
      sure_.push_back((sure_.empty() ? 0.0 : sure_.back()) + (entry.kept == Kept::yes ? entry.weight : 0.0));
      possible_.push_back((possible_.empty() ? 0.0 : possible_.back()) + entry.weight);
    }
  }

  /// Of what has a score below `score`; of those that are certainly there.
  [[nodiscard]] double sure_below(double score) const {
    return sum(sure_, std::ranges::lower_bound(entries_, score, {}, &Entry::score));
  }
  /// Up to and with `score`; of those that may be there.
  [[nodiscard]] double possible_up_to(double score) const {
    return sum(possible_, std::ranges::upper_bound(entries_, score, {}, &Entry::score));
  }
  /// Whether no two have a score of at least `score`.
  [[nodiscard]] bool is_alone_above(double score) const {
    return entries_.size() < 2 || entries_[entries_.size() - 2].score < score;
  }
  [[nodiscard]] double all_sure() const { return sure_.empty() ? 0.0 : sure_.back(); }
  [[nodiscard]] double all_possible() const { return possible_.empty() ? 0.0 : possible_.back(); }

 private:
  struct Entry {
    double score;
    double weight;
    Kept kept;
  };
  using Place = std::vector<Entry>::const_iterator;
  [[nodiscard]] double sum(const std::vector<double>& sums, Place end) const {
    return end == entries_.begin() ? 0.0 : sums[static_cast<std::size_t>(end - entries_.begin()) - 1];
  }

  std::vector<Entry> entries_;
  std::vector<double> sure_;      // sums of the weights so far
  std::vector<double> possible_;  // the same
};

}  // namespace

StepScores::StepScores(const RecordedGeneration& golden, std::size_t step, std::size_t row,
                       std::span<const double> logits)
    : golden_(golden),
      penalty_(golden.repetition_penalty.value_or(1.0)),
      temperature_(golden.do_sample ? golden.temperature.value_or(1.0) : 1.0),
      scores_(logits.begin(), logits.end()) {
  if (penalty_ != 1.0) {
    // Pads before the first token do not count: prompt_ignore_length of RepetitionPenaltyLogitsProcessor.
    const auto mask = golden.attention_mask.view()[row].flat();
    const auto first = std::ranges::find(mask, std::int64_t{1});
    const std::size_t pads = first == mask.end() ? 0 : static_cast<std::size_t>(first - mask.begin());
    std::vector<bool> seen(scores_.size());
    for (std::size_t l = pads; l < golden.width() + step; ++l) {
      seen[static_cast<std::size_t>(golden.sequences(row, l))] = true;
    }
    for (std::size_t i = 0; i < scores_.size(); ++i) {
      if (seen[i]) scores_[i] = scores_[i] < 0 ? scores_[i] * penalty_ : scores_[i] / penalty_;
    }
  }
  for (double& score : scores_) score /= temperature_;
  largest_ = *std::ranges::max_element(scores_);
}

double StepScores::score_error(double logit_error, double unit) const {
  double magnitude = 0;
  for (const double score : scores_) magnitude = std::max(magnitude, std::abs(score));
  const double stretch = std::max({1.0, penalty_, 1.0 / penalty_}) / temperature_;
  // A penalty or a temperature is rounded, and so is what it gives.
  const double roundings = (penalty_ == 1.0 ? 0.0 : 2.0) + (temperature_ == 1.0 ? 0.0 : 2.0);
  return logit_error * stretch + roundings * unit * magnitude;
}

Proof StepScores::greedy(std::int64_t token, double score_error) const {
  return {largest_ - scores_[static_cast<std::size_t>(token)], 2.0 * score_error};
}

std::vector<Kept> StepScores::kept(double score_error, double unit) const {
  const double doubt = 2.0 * score_error;  // two scores may change places where they are no further apart
  const std::size_t top_k = golden_.top_k.value_or(default_top_k);
  std::vector<Kept> kept(scores_.size(), Kept::yes);
  if (top_k < scores_.size()) {
    std::vector<double> sorted(scores_);
    std::ranges::sort(sorted, std::greater<>());
    const double last = sorted[top_k - 1];
    const double next = sorted[top_k];
    for (std::size_t i = 0; i < scores_.size(); ++i) {
      kept[i] = of(scores_[i] - next > doubt, last - scores_[i] <= doubt);
    }
  }
  if (golden_.top_p.value_or(1.0) < 1.0) {
    const double dropped = 1.0 - *golden_.top_p;
    const Weights weights(scores_, kept, largest_);
    // A ratio of two sums of weights that are each off by a factor of up to e^error.
    const double factor = std::exp(doubt);
    const double rounding = softmax_roundings * unit;
    for (std::size_t i = 0; i < scores_.size(); ++i) {
      const double own = std::exp(scores_[i] - largest_);
      const double least = (weights.sure_below(scores_[i] - doubt) + own) / std::max(own, weights.all_possible());
      const double most = weights.possible_up_to(scores_[i] + doubt) / std::max(own, weights.all_sure());
      // The most probable token stays whatever top_p says.
      const bool is_largest = scores_[i] == largest_ && weights.is_alone_above(largest_ - doubt);
      const bool may_be_largest = largest_ - scores_[i] <= doubt;
      kept[i] = both(kept[i], of(is_largest || least / factor - rounding > dropped,
                                 may_be_largest || most * factor + rounding > dropped));
    }
  }
  if (golden_.min_p.value_or(0.0) > 0.0) {
    const double border = largest_ + std::log(*golden_.min_p);
    const double width = doubt + softmax_roundings * unit;
    for (std::size_t i = 0; i < scores_.size(); ++i) {
      kept[i] = both(kept[i], of(scores_[i] - border > width, border - scores_[i] <= width));
    }
  }
  return kept;
}

Proof StepScores::drawn(std::int64_t token, double draw, std::span<const Kept> kept, double score_error,
                        double unit) const {
  const auto place = static_cast<std::size_t>(token);
  const std::vector<Kept> exactly = this->kept(0.0, 0.0);
  // Sums of the weights before and behind the token: of what is certainly kept, of what may be, of what the golden
  // keeps.
  struct Sums {
    double sure = 0;
    double possible = 0;
    double exact = 0;
  };
  Sums before;
  Sums behind;
  const double own = std::exp(scores_[place] - largest_);
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    if (i == place) continue;
    Sums& sums = i < place ? before : behind;
    const double weight = std::exp(scores_[i] - largest_);
    if (kept[i] != Kept::no) sums.possible += weight;
    if (kept[i] == Kept::yes) sums.sure += weight;
    if (exactly[i] != Kept::no) sums.exact += weight;
  }
  const double mine = exactly[place] == Kept::no ? 0.0 : own;
  const auto part = [](double low, double high) { return low + high == 0.0 ? 0.0 : low / (low + high); };
  const double first = part(before.exact, mine + behind.exact);
  const double last = part(before.exact + mine, behind.exact);
  if (kept[place] == Kept::no) return {std::max({first - draw, draw - last, std::numeric_limits<double>::min()}), 0.0};
  const double factor = std::exp(2.0 * score_error);
  const double rounding = softmax_roundings * unit;
  if (draw < first) {
    return {first - draw, first - part(before.sure, (own + behind.possible) * factor) + rounding};
  }
  if (draw < last) return {0.0, rounding};
  return {draw - last, part((before.possible + own) * factor, behind.sure) - last + rounding};
}

}  // namespace assay::golden
