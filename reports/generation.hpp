// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What there is to say of a generation: facts for people, an object for JSON.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "golden/judge/result.hpp"
#include "reports/facts.hpp"

namespace assay::reports {

/// "step 3, row 1: expected token 17, found 5 (gap 2.1e-03, limit 3.0e-06)"; "" where no token differs.
[[nodiscard]] std::string token_text(const golden::GenerationResult& generation);

/// "72 tokens"
[[nodiscard]] std::string tokens_text(const golden::GenerationResult& generation);

/// The figures of a generation that is not a plain PASS; empty of one that is.
[[nodiscard]] std::vector<Fact> generation_facts(const golden::GenerationResult& generation);

/// How much of its limit the worst of its logits and probabilities is.
[[nodiscard]] double used(const golden::GenerationResult& generation);

[[nodiscard]] boost::json::object generation_json(const golden::GenerationResult& generation);

}  // namespace assay::reports
