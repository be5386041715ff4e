// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A mutant: the reference engine with one thing wrong, on the golden that shows it.
#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "selftest/broken_model.hpp"
#include "selftest/meddled_engine.hpp"

namespace assay::selftest {

/// Of a mutant that is none of the numbered traps.
constexpr int no_trap = 0;

struct Mutant {
  std::string name;    ///< in kebab-case, unique
  std::string wrong;   ///< one line: what is wrong
  int trap = no_trap;  ///< its number in the list of traps that the project started from
  std::string golden;  ///< the case that shows it
  Moment site;         ///< where it must show first
  std::function<void(BrokenModel&)> apply;
  std::string reason = {};  ///< why float32 cannot tell; "" where it can
};

/// "call 0 layer 1 q_proj"
[[nodiscard]] std::string to_string(const Moment& moment);

inline void PrintTo(const Mutant& mutant, std::ostream* out) { *out << mutant.name << " in " << mutant.golden; }

[[nodiscard]] inline Moment in_layer(std::size_t call, std::size_t layer, Site site) {
  return {CallIndex{call}, {site, LayerIndex{layer}}};
}
[[nodiscard]] inline Moment in_model(std::size_t call, Site site) { return {CallIndex{call}, {site, std::nullopt}}; }

}  // namespace assay::selftest
