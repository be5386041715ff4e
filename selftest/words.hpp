// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Words that the kill matrix is told in, on a terminal and on a page alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "selftest/kill_matrix.hpp"

namespace assay::selftest {

/// "K" where the sense or aggregate noticed the mutant in the first of its precisions, "k" in another one only, ".".
[[nodiscard]] std::string_view mark(const MutantResult& result, Sense sense);
[[nodiscard]] std::string_view mark(const MutantResult& result, Aggregate aggregate);

/// "killed", "f64 only" where float32 was run too and did not, "ESCAPED" where it should have been, "survived".
[[nodiscard]] std::string_view fate(const MutantResult& result);

/// That of the first precision that killed it; none where none did.
[[nodiscard]] Place place(const MutantResult& result);

/// A line each: the precision in which a mutant survives, and why that may be.
[[nodiscard]] std::vector<std::string> survivor_lines(const KillMatrix& matrix);

/// A line each: escaped mutants, killed ones whose fault was named elsewhere, healthy runs that are red.
[[nodiscard]] std::vector<std::string> problem_lines(const KillMatrix& matrix);

/// A sentence each.
[[nodiscard]] std::vector<std::string> total_lines(const KillMatrix& matrix);

}  // namespace assay::selftest
