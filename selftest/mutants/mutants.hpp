// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// All mutants, by what is wrong with them. Numbers in their code are extents of the golden that they name.
#pragma once

#include <string>
#include <vector>

#include "selftest/mutant.hpp"

namespace assay::selftest {

// One rule of an architecture is broken.
[[nodiscard]] std::vector<Mutant> attention_mutants();
[[nodiscard]] std::vector<Mutant> expert_mutants();
[[nodiscard]] std::vector<Mutant> mamba_mutants();
[[nodiscard]] std::vector<Mutant> model_mutants();

/// What is kept between calls is wrong, or what a call goes on from.
[[nodiscard]] std::vector<Mutant> cache_mutants();

/// A site is shown twice, not at all, in another shape or type, or out of a stale buffer.
[[nodiscard]] std::vector<Mutant> emission_mutants();

/// A value went through a smaller type, or is no number.
[[nodiscard]] std::vector<Mutant> number_mutants();

/// A few elements, a row, a column or a factor are a little off: what aggregates do not see.
[[nodiscard]] std::vector<Mutant> small_error_mutants();

/// All of them, in the order above.
[[nodiscard]] std::vector<Mutant> all_mutants();

/// Those of all_mutants() whose name matches a shell pattern. Throws Error where none does.
[[nodiscard]] std::vector<Mutant> mutants_like(const std::string& pattern);

}  // namespace assay::selftest
