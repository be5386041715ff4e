// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The outcome of judging, as plain values: what reports/ renders and scripts read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "golden/judge/verdict.hpp"
#include "model/engine.hpp"
#include "model/ids.hpp"
#include "model/shape.hpp"
#include "model/site.hpp"

namespace assay::golden {

/// How the engine was run: on its own values, with every site replaced by the golden one after it was judged, or with
/// the expert choices replaced alone.
enum class Mode { free, injected, routing };

[[nodiscard]] constexpr std::string_view name(Mode mode) {
  switch (mode) {
    case Mode::free:
      return "free";
    case Mode::injected:
      return "injected";
    case Mode::routing:
      return "routing";
  }
  return "?";
}

/// Which rows were judged: all, or those of tokens that are no padding.
enum class Rows { all, real };

[[nodiscard]] constexpr std::string_view name(Rows rows) { return rows == Rows::all ? "all" : "real"; }

/// What the engine was compared with.
enum class Witness { truth, hf32, dump };

[[nodiscard]] constexpr std::string_view name(Witness witness) {
  switch (witness) {
    case Witness::truth:
      return "truth";
    case Witness::hf32:
      return "hf32";
    case Witness::dump:
      return "dump";
  }
  return "?";
}

/// Errors by size: bin i counts those from 4^(i - 12) to 4^(i - 11) times the element-wise limit, the first and the
/// last also what is beyond them. Those of `limit_bin` and above are at the limit or beyond it.
using ErrorBins = std::array<std::uint32_t, 24>;
inline constexpr std::size_t limit_bin = 12;

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
  std::size_t equal = 0;      ///< elements without any error; in no bin
  ErrorBins error_bins{};
};

/// One way to hold an error against what is known of the noise at a site.
enum class Measure {
  tensor,   ///< ||e|| of the whole tensor, over that of transformers' own runs (rho-2)
  row,      ///< the worst row: a token
  column,   ///< the worst column: a channel, a head, an expert
  largest,  ///< max|e| (rho-infinity)
  bias,     ///< |<e, expected>| / (||expected|| rms(e of transformers)): one factor over the whole tensor
  gauge,    ///< max |e_i| / (u G_i): rounding errors of the site's own sum, element by element; injected mode only
};

[[nodiscard]] constexpr std::string_view name(Measure measure) {
  switch (measure) {
    case Measure::tensor:
      return "tensor";
    case Measure::row:
      return "row";
    case Measure::column:
      return "column";
    case Measure::largest:
      return "largest";
    case Measure::bias:
      return "bias";
    case Measure::gauge:
      return "gauge";
  }
  return "?";
}

/// An error in units of noise, and what it may be.
struct NoiseRatio {
  Measure measure = Measure::tensor;
  double value = 0;
  double gate = 0;          ///< what value may be; from the gates file, or of the gauge 16
  std::size_t where = 0;    ///< of row and column: which; of gauge: the element
  std::size_t samples = 0;  ///< of row and column: how many there are
};

struct SiteResult {
  CallIndex call;
  std::optional<LayerIndex> layer;
  Site site = Site::embed_out;
  Verdict verdict = Verdict::missing;
  Metrics metrics;
  double limit_rel_l2 = 0;   ///< what rel_l2 may be
  double limit_max_abs = 0;  ///< what max_abs may be
  /// The measures that were taken, in the order of the enumeration; none of masks, routing, losses, and float64
  /// engines.
  std::vector<NoiseRatio> ratios;
  /// Decimal digits that the site is verified to: -log10 of the larger of its two relative errors, at most 17; 0 where
  /// nothing agrees or nothing was compared.
  double digits = 0;
  std::string note;  ///< one clause a reader needs beside the figures; "" as a rule
};

/// The largest share that an error of the site has of what it may be, over the limits and the gates: 1 is all. Infinite
/// beyond a limit of 0 and for NaN.
[[nodiscard]] double share_used(const SiteResult& site);

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

/// What became of a token's choice of experts.
enum class Decision { same, tie, wrong };

[[nodiscard]] constexpr std::string_view name(Decision decision) {
  switch (decision) {
    case Decision::same:
      return "EXACT";
    case Decision::tie:
      return "TIE";
    case Decision::wrong:
      return "WRONG";
  }
  return "?";
}

/// A decision that is not as in the golden.
struct TokenDecision {
  CallIndex call;
  LayerIndex layer;
  std::size_t token = 0;  ///< row of T = B*L
  std::string_view rule;  ///< "top k", or of PhiMoE "first maximum", "first band", "second maximum", "second band"
  Decision decision = Decision::wrong;
  double margin = 0;  ///< how far the golden's router logits are from deciding otherwise
  double bound = 0;   ///< how far an engine's may be: twice the largest error allowed
  std::vector<std::int64_t> expected;
  std::vector<std::int64_t> actual;
};

/// The routing of one layer in one call.
struct LayerRouting {
  CallIndex call;
  LayerIndex layer;
  std::size_t tokens = 0;  ///< judged
  std::size_t exact = 0;
  std::size_t ties = 0;
  std::size_t wrong = 0;
  double least_margin = 0;  ///< of the golden's tokens
  double bound = 0;
};

/// Where the error of a layer's output comes from.
enum class Origin {
  clean,       ///< within the noise
  introduced,  ///< the layer makes it from right inputs
  amplified,   ///< its inputs have it, smaller
  inherited,   ///< its inputs have it
};

[[nodiscard]] constexpr std::string_view name(Origin origin) {
  switch (origin) {
    case Origin::clean:
      return "clean";
    case Origin::introduced:
      return "introduced";
    case Origin::amplified:
      return "amplified";
    case Origin::inherited:
      return "inherited";
  }
  return "?";
}

/// One layer of one call in a free and an injected run together; shares of limits, so that 1 is all of it.
struct LayerErrors {
  CallIndex call;
  LayerIndex layer;
  double in = 0;                 ///< of the layer's input in the free run
  double out = 0;                ///< of layer_out in the free run
  double own = 0;                ///< the largest of the layer's sites in the injected run
  Site worst = Site::layer_out;  ///< whose that is
  Origin origin = Origin::clean;
};

/// The last word on a call's logits: what they are used for.
struct EndToEnd {
  CallIndex call;
  double kl_mean = 0;  ///< of softmax(expected) from softmax(actual), nats, over the judged rows
  double kl_mean_gate = 0;
  double kl_max = 0;
  double kl_max_gate = 0;
  std::size_t rows = 0;
  std::size_t top1_same = 0;
  std::size_t top1_ties = 0;  ///< differ where the expected two best are closer than twice the error allowed
  std::size_t top1_wrong = 0;
};

/// One golden, run by one engine in one precision and mode.
struct CaseResult : EngineRun {
  std::string golden;  ///< the path, as given
  std::string actual;  ///< where recorded values were judged: the dump's path, as given; "" where an engine ran
  std::string case_name;
  std::string model_type;
  Mode mode = Mode::free;
  Rows rows = Rows::all;
  Witness witness = Witness::truth;
  Verdict verdict = Verdict::invalid;
  std::string error;  ///< why it is invalid or stale; one line
  std::optional<Divergence> first_divergence;
  double seconds = 0;
  std::size_t peak_rss_bytes = 0;        ///< of the process, mapped weights included
  std::size_t peak_anonymous_bytes = 0;  ///< what it allocated itself, sampled at every site
  std::size_t tied_tokens = 0;           ///< routing decisions that were proven ties
  std::size_t contaminated_tokens = 0;   ///< rows of layers not judged: behind a tie of a dump, which nobody can replay
  std::vector<LayerRouting> routing;     ///< of the layers with experts, in the order of execution
  std::vector<TokenDecision> decisions;  ///< all that are not EXACT
  std::vector<LayerErrors> layers;       ///< where a second, injected run was made
  std::vector<EndToEnd> end_to_end;      ///< of the calls with logits, in float32
  std::vector<SiteResult> sites;         ///< in the order of execution
  std::optional<GenerationResult> generation;  ///< where the golden has one
  std::vector<Site> not_provided;              ///< selected sites of the golden that the engine declares not to show
  std::vector<Site> not_recorded;              ///< selected sites of the calls that the golden does not hold
  std::vector<std::string> not_in_dump;  ///< of recorded values: what the golden holds and the dump does not, in words
  std::vector<std::string> notes;        ///< what else a reader of the verdict must know; a clause each
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
  /// Of each golden that was read, by its path: JSON, as the file has it.
  std::map<std::string, std::string> provenance = {};
};

/// The worst verdict; vacuous where there are no results.
[[nodiscard]] Verdict verdict_of(const Verification& verification);

}  // namespace assay::golden
