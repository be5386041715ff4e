// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What there is to say of one case, in words and in order, for every report that people read: which site, where in
// it, how far off, how many, and what to type.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "golden/judge/result.hpp"

namespace assay::reports {

/// "index: batch 1, token 3, channel 17". Without control characters; labels have at most nine letters.
struct Fact {
  std::string_view label;
  std::string text;
};

/// The axes by name: "batch 1, token 3, channel 17".
[[nodiscard]] std::string index_text(Site site, const Shape& index);

/// "moe_out, layer 2, call 1"; without a layer for the sites of the model.
[[nodiscard]] std::string place_text(const golden::SiteResult& site);

/// "2 moe_out"; the layer in front where there is one.
[[nodiscard]] std::string short_place_text(const golden::SiteResult& site);

/// The case's own name, or the file name of a golden that could not be read.
[[nodiscard]] std::string case_text(const golden::CaseResult& result);

/// "reference f64", "optimized f32, 2 threads, bf16 weights"
[[nodiscard]] std::string engine_text(const golden::EngineRun& run);

/// "not materialised by optimized: attn_scores, attn_probs"; "" where there is nothing to say.
[[nodiscard]] std::string not_provided_text(const std::string& engine, const std::vector<Site>& sites);

/// "not recorded: attn_scores, attn_probs"; "" where there is nothing to say.
[[nodiscard]] std::string not_recorded_text(const golden::CaseResult& result);

/// "free", "injected, real rows": how the engine was run and what of it was judged.
[[nodiscard]] std::string mode_text(const golden::CaseResult& result);

/// What makes the verdict, in one line: the error, or the first divergence, or how many sites are missing or vacuous.
/// "" for PASS.
[[nodiscard]] std::string headline(const golden::CaseResult& result);

/// All that a reader needs beside the verdict; empty for a plain PASS. The last one is "reproduce", if there is a
/// command.
[[nodiscard]] std::vector<Fact> facts(const golden::CaseResult& result);

/// What is left to the site that used most of its limit, or to the generation of a case without sites, as
/// headroom_text; "" where nothing was compared.
[[nodiscard]] std::string case_headroom_text(const golden::CaseResult& result);

/// A line a fact, "label: text"; those without a label indented by two.
[[nodiscard]] std::string facts_text(const golden::CaseResult& result);

/// The site that makes the verdict: the first divergence, else the one with the verdict of the case that used most of
/// its limit. Null for PASS and where no site has that verdict.
[[nodiscard]] const golden::SiteResult* deciding_site(const golden::CaseResult& result);

/// The command that reproduces what does not hold; "" where there is none.
[[nodiscard]] std::string reproduce_text(const golden::CaseResult& result);

/// "12 cases: 11 PASS, 1 FAIL"
[[nodiscard]] std::string tally(const golden::Verification& verification);

/// The seconds of all cases together.
[[nodiscard]] double total_seconds(const golden::Verification& verification);

/// "peak 2.6 GiB, 65.1 MiB allocated": of memory; the rest are pages of mapped weights. "" where nothing was run.
[[nodiscard]] std::string peak_memory_text(const golden::Verification& verification);

}  // namespace assay::reports
