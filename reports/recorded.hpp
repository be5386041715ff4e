// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What is to be said of recorded values beside what is said of every engine: what the dump lacks, and what could not be
// compared.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "golden/judge/result.hpp"
#include "reports/facts.hpp"

namespace assay::reports {

/// "not in the dump: attn_scores, layers 4 to 7"; "" where nothing is lacking.
[[nodiscard]] std::string not_in_dump_text(const golden::CaseResult& result);

/// Empty where an engine ran.
[[nodiscard]] std::vector<Fact> recorded_facts(const golden::CaseResult& result);

/// The members actual (null where an engine ran), not_in_dump and notes.
void add_recorded(boost::json::object& object, const golden::CaseResult& result);

}  // namespace assay::reports
