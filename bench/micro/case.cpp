// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/case.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "model/error.hpp"
#include "model/nearest.hpp"

namespace assay::bench::micro {

void Registry::add(Case added) {
  if (!places_.try_emplace(added.name, cases_.size()).second) {
    throw std::logic_error(fmt::format("micro-benchmarks: two cases of the name {}", added.name));
  }
  cases_.push_back(std::move(added));
}

const Case& Registry::at(const std::string& name) const {
  if (const auto found = places_.find(name); found != places_.end()) return cases_[found->second];
  std::vector<std::string> names;
  for (const Case& known : cases_) names.push_back(known.name);
  const std::string near = nearest(name, names);
  throw Error(fmt::format("expected the name of a case (--list has them), found '{}'{}", name,
                          near.empty() ? "" : "; nearest: " + near));
}

std::uint64_t digest(Operation& operation) {
  operation.restart();
  operation.call();
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const std::span<const std::byte> output : operation.outputs()) {
    for (const std::byte byte : output) hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001B3U;
  }
  return hash;
}

}  // namespace assay::bench::micro

[[gnu::noinline]] void assay_measured_region(assay::bench::micro::Operation* operation, std::uint64_t calls) {
  for (std::uint64_t i = 0; i < calls; ++i) operation->call();
}
