// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The kill matrix as text for a terminal of eighty columns.
#pragma once

#include <span>
#include <string>

#include "selftest/kill_matrix.hpp"

namespace assay::selftest {

/// A line a mutant, then what its letters mean, survivors with their reasons, what is not as it must be, totals.
[[nodiscard]] std::string console_text(const KillMatrix& matrix, double seconds);

/// The names of mutants, what is wrong with each, and where it shows.
[[nodiscard]] std::string list_text(std::span<const Mutant> mutants);

}  // namespace assay::selftest
