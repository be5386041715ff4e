// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Results made by hand, one for each verdict, for the tests of the reports.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "golden/judge/result.hpp"

namespace assay::reports::samples {

using golden::CaseResult;
using golden::SiteResult;
using golden::Verdict;

constexpr std::array all_verdicts{Verdict::pass,    Verdict::tie,   Verdict::marginal, Verdict::vacuous,
                                  Verdict::missing, Verdict::stale, Verdict::fail,     Verdict::invalid};

inline SiteResult site(Site which, std::size_t layer, Verdict verdict, double rel_l2) {
  SiteResult result;
  result.site = which;
  if (info(which).scope == SiteScope::layer) result.layer = LayerIndex{layer};
  result.verdict = verdict;
  result.limit_rel_l2 = 1e-12;
  result.limit_max_abs = 5e-12;
  if (verdict == Verdict::missing) return result;
  result.metrics = {.elements = 1344,
                    .differing = verdict == Verdict::fail ? 12U : 0U,
                    .max_abs = rel_l2,
                    .rel_l2 = rel_l2,
                    .max_ulp = 3,
                    .cosine = 0.5,
                    .worst_index = {1, 3, 17},
                    .expected = 0.5,
                    .actual = 0.5 + rel_l2};
  result.digits = rel_l2 == 0 ? 17 : std::clamp(-std::log10(rel_l2), 0.0, 17.0);
  return result;
}

/// A case of four sites in two layers; the third site has `verdict`, the rest are as they must be.
inline CaseResult with_verdict(Verdict verdict) {
  CaseResult result;
  result.golden = "golden/data/phimoe_cache.h5";
  result.case_name = "phimoe_cache";
  result.model_type = "phimoe";
  result.engine = "reference";
  result.verdict = verdict;
  result.seconds = 0.02;
  result.peak_rss_bytes = 12'900'000;
  result.peak_anonymous_bytes = 4'600'000;
  if (verdict == Verdict::invalid || verdict == Verdict::stale) {
    result.error = "golden/data/phimoe_cache.h5: weights: expected sha256 0123, found 4567";
    return result;
  }
  const double error = verdict == Verdict::fail ? 0.03125 : verdict == Verdict::marginal ? 9.5e-13 : 2e-15;
  result.sites = {site(Site::embed_out, 0, Verdict::pass, 0), site(Site::moe_out, 0, Verdict::pass, 3.1e-15),
                  site(Site::moe_out, 1, verdict, error), site(Site::logits, 0, Verdict::pass, 1e-15)};
  if (verdict == Verdict::tie) result.tied_tokens = 2;
  if (verdict == Verdict::vacuous) {
    result.sites[2].metrics = {};
    result.sites[2].note = "no token chose an expert";
  }
  if (verdict == Verdict::fail || verdict == Verdict::missing) {
    result.first_divergence = {result.sites[2],
                               "assay verify golden/data/phimoe_cache.h5 --engine reference --precision f64 --site "
                               "moe_out --layer 1"};
  }
  return result;
}

/// A failure in float32 with all that the judge can say of it: of two layers the first has it right, the second chooses
/// a wrong expert.
inline CaseResult with_diagnosis() {
  using golden::Decision;
  using golden::Measure;
  using golden::Origin;
  CaseResult result = with_verdict(Verdict::fail);
  result.precision = Precision::f32;
  result.sites[1].ratios = {{Measure::tensor, 1.25, 2.5, 0, 0}, {Measure::row, 2.0, 3.1, 4, 12}};
  result.sites[2].ratios = {{Measure::tensor, 5.1, 2.5, 0, 0},
                            {Measure::row, 930, 3.1, 4, 12},
                            {Measure::column, 2.0, 4.0, 17, 48},
                            {Measure::largest, 41, 4.0, 0, 0},
                            {Measure::bias, 0.5, 2.0, 0, 0}};
  result.sites[2].metrics.equal = 300;
  result.sites[2].metrics.error_bins[10] = 800;
  result.sites[2].metrics.error_bins[14] = 12;
  result.first_divergence->site = result.sites[2];
  result.contaminated_tokens = 3;
  result.routing = {{CallIndex{0}, LayerIndex{0}, 12, 11, 1, 0, 1e-6, 3e-5},
                    {CallIndex{0}, LayerIndex{1}, 12, 11, 0, 1, 0.02, 3e-5}};
  result.decisions = {{CallIndex{0}, LayerIndex{0}, 7, "top k", Decision::tie, 1e-6, 3e-5, {1, 2}, {1, 3}},
                      {CallIndex{0}, LayerIndex{1}, 4, "top k", Decision::wrong, 0.12, 3e-5, {0, 2}, {0, 5}}};
  result.layers = {{CallIndex{0}, LayerIndex{0}, 0.1, 0.4, 0.3, Site::moe_out, Origin::clean},
                   {CallIndex{0}, LayerIndex{1}, 0.4, 5.2, 4.9, Site::moe_out, Origin::introduced}};
  result.end_to_end = {{CallIndex{0}, 1.2e-9, 2e-9, 9e-9, 8e-9, 12, 10, 1, 1}};
  return result;
}

/// A pass of the optimized engine, which fuses attention.
inline CaseResult of_optimized() {
  CaseResult result = with_verdict(Verdict::pass);
  result.engine = "optimized";
  result.precision = Precision::f32;
  result.threads = 2;
  result.weights = "bf16";
  result.not_provided = {Site::attn_visible, Site::attn_scores, Site::attn_probs};
  return result;
}

/// One case of each verdict.
inline golden::Verification of_each_verdict() {
  golden::Verification verification;
  for (const Verdict verdict : all_verdicts) verification.results.push_back(with_verdict(verdict));
  return verification;
}

}  // namespace assay::reports::samples
