// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/mutants/mutants.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <iterator>

#include "model/error.hpp"

namespace assay::selftest {

std::string to_string(const Moment& moment) {
  return fmt::format("call {} {}", moment.call.value, assay::to_string(moment.point));
}

std::vector<Mutant> all_mutants() {
  std::vector<Mutant> all;
  for (const auto& list : {attention_mutants, expert_mutants, mamba_mutants, model_mutants, cache_mutants,
                           emission_mutants, number_mutants, small_error_mutants}) {
    std::vector<Mutant> some = list();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

std::vector<Mutant> mutants_like(const std::string& pattern) {
  std::vector<Mutant> mutants = all_mutants();
  std::erase_if(mutants, [&](const Mutant& mutant) { return fnmatch(pattern.c_str(), mutant.name.c_str(), 0) != 0; });
  if (mutants.empty()) {
    throw Error(
        fmt::format("expected a mutant whose name matches \"{}\", found none (assay selftest --list)", pattern));
  }
  return mutants;
}

}  // namespace assay::selftest
