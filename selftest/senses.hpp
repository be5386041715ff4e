// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which parts of a judgement noticed a fault.
#pragma once

#include <set>

#include "golden/judge/result.hpp"
#include "selftest/kill_matrix.hpp"

namespace assay::selftest {

/// What is wrong with one site.
[[nodiscard]] std::set<Sense> senses_of(const golden::SiteResult& site);

/// What is wrong at the site of the fault, and with the routing and the logits of the whole run. Where that site is
/// well and another is not, it is that of the first divergence.
[[nodiscard]] std::set<Sense> senses_of(const golden::CaseResult& result, const Moment& fault);

}  // namespace assay::selftest
