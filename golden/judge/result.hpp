// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The outcome of judging, as plain values: what reports/ renders and scripts read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golden/judge/verdict.hpp"
#include "model/engine.hpp"
#include "model/ids.hpp"
#include "model/shape.hpp"
#include "model/site.hpp"

namespace assay::golden {

/// How the engine was run: on its own values, or with every site replaced by the golden one after it was judged.
enum class Mode { free, injected };

[[nodiscard]] constexpr std::string_view name(Mode mode) { return mode == Mode::free ? "free" : "injected"; }

/// Which rows were judged: all, or those of tokens that are no padding.
enum class Rows { all, real };

[[nodiscard]] constexpr std::string_view name(Rows rows) { return rows == Rows::all ? "all" : "real"; }

/// What the engine was compared with.
enum class Witness { truth, hf32 };

[[nodiscard]] constexpr std::string_view name(Witness witness) { return witness == Witness::truth ? "truth" : "hf32"; }

/// Figures of one tensor against its expected values.
struct Metrics {
  std::size_t elements = 0;
  std::size_t differing = 0;  ///< elements beyond the element-wise limit
  double max_abs = 0;         ///< largest |actual - expected|
  double rel_l2 = 0;          ///< ||actual - expected|| / ||expected||; 0 where both are 0
  double max_ulp = 0;         ///< largest difference in units in the last place of the expected element
  double cosine = 1;          ///< of the angle between the two; reported, never judged
  Shape worst_index;          ///< of max_abs; empty where there are no elements
  double expected = 0;        ///< at worst_index
  double actual = 0;          ///< at worst_index
  double expected_l2 = 0;     ///< ||expected||
};

struct SiteResult {
  CallIndex call;
  std::optional<LayerIndex> layer;
  Site site = Site::embed_out;
  Verdict verdict = Verdict::missing;
  Metrics metrics;
  double limit_rel_l2 = 0;   ///< what rel_l2 may be
  double limit_max_abs = 0;  ///< what max_abs may be
  std::string note;          ///< one clause a reader needs beside the figures; "" as a rule
};

/// The first site, in the order of execution, that is not as it must be.
struct Divergence {
  SiteResult site;
  std::string command;  ///< reproduces just that
};

/// Which engine ran, and how.
struct EngineRun {
  std::string engine;
  Precision precision = Precision::f64;
  std::optional<std::size_t> threads;  ///< none: the engine has no such setting
  std::string weights;                 ///< how the engine held them: "f32" or "bf16"; "": as they are stored

  bool operator==(const EngineRun&) const = default;
};

/// A token of a generation that is not the recorded one.
struct TokenDifference {
  std::size_t step = 0;
  std::size_t row = 0;
  std::int64_t expected = 0;
  std::int64_t actual = 0;
  /// How far the golden's own values are from the engine's choice, and how far they may be: a gap of scores, or where
  /// tokens are drawn the distance of the draw from the token's part of the unit interval.
  double gap = 0;
  double bound = 0;
  Verdict verdict = Verdict::fail;  ///< or a tie: gap is within bound
};

/// The logits or the probabilities of one step, of the rows that are still judged.
struct StepMetrics {
  std::size_t step = 0;
  double max_abs = 0;        ///< the largest error
  double limit_max_abs = 0;  ///< what it may be
  double rel_l2 = 0;         ///< of logits only
  double limit_rel_l2 = 0;   ///< of logits only
};

/// How an engine went on with the prompts of a golden's generation.
struct GenerationResult {
  Verdict verdict = Verdict::vacuous;
  bool sampled = false;
  std::size_t rows = 0;
  std::size_t steps = 0;                            ///< of the golden
  std::size_t tokens = 0;                           ///< compared, up to the first that differs in each row
  std::size_t tied_rows = 0;                        ///< rows that end in a proven tie: nothing behind it is judged
  std::size_t tied_filters = 0;                     ///< tokens that a proven tie let pass a filter, or held back
  std::optional<TokenDifference> first_difference;  ///< the first that is no tie, else the first
  std::optional<StepMetrics> worst_logits;          ///< that used most of its limit
  std::optional<StepMetrics> worst_probabilities;   ///< the same, where tokens are drawn
  std::string note;                                 ///< one clause a reader needs beside the figures; "" as a rule
  std::string command;                              ///< reproduces it
};

/// One golden, run by one engine in one precision and mode.
struct CaseResult : EngineRun {
  std::string golden;  ///< the path, as given
  std::string case_name;
  std::string model_type;
  Mode mode = Mode::free;
  Rows rows = Rows::all;
  Witness witness = Witness::truth;
  Verdict verdict = Verdict::invalid;
  std::string error;  ///< why it is invalid or stale; one line
  std::optional<Divergence> first_divergence;
  double seconds = 0;
  std::size_t peak_rss_bytes = 0;              ///< of the process, mapped weights included
  std::size_t peak_anonymous_bytes = 0;        ///< what it allocated itself, sampled at every site
  std::size_t tied_tokens = 0;                 ///< routing decisions that were proven ties
  std::vector<SiteResult> sites;               ///< in the order of execution
  std::optional<GenerationResult> generation;  ///< where the golden has one
  std::vector<Site> not_provided;              ///< selected sites of the golden that the engine declares not to show
  std::vector<Site> not_recorded;              ///< selected sites of the calls that the golden does not hold
};

/// Whether two of the three witnesses of a golden agree.
enum class Leg {
  holds,
  breaks,
  unknown,  ///< nothing was compared
};

/// What the pattern of the three legs says.
enum class Reading {
  healthy,
  optimized,       ///< a bug in optimized/
  reference,       ///< a bug in reference/
  shared_noun,     ///< both engines are wrong in the same way
  open_reference,  ///< both are wrong, each in its own way
  judge,           ///< both are right, and yet further apart than that allows
  none,            ///< an engine could not be judged
};

/// transformers, reference and optimized on one golden, in float32.
struct Triangle {
  std::string golden;
  std::string case_name;
  Mode mode = Mode::free;
  Leg reference = Leg::unknown;  ///< reference ~ transformers
  Leg optimized = Leg::unknown;  ///< optimized ~ transformers
  Leg between = Leg::unknown;    ///< reference ~ optimized
  Reading reading = Reading::none;
  std::optional<SiteResult> reference_divergence;  ///< the first site where the reference is not as it must be
  std::optional<SiteResult> optimized_divergence;
  std::vector<SiteResult> sites;  ///< optimized ("actual") against reference ("expected"), in the order of execution

  /// The first of `sites` that is beyond its limit.
  [[nodiscard]] const SiteResult* first_difference() const;
};

/// All that one run of `assay verify` found.
struct Verification {
  std::vector<CaseResult> results = {};
  std::vector<Triangle> triangles = {};
};

/// The worst verdict; vacuous where there are no results.
[[nodiscard]] Verdict verdict_of(const Verification& verification);

}  // namespace assay::golden
