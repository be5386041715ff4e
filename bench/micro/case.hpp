// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The cases of the micro-benchmarks: one call of one op or block of an engine, at one shape. Google Benchmark's
// programs (google/) and the driver of script/regress (driver/) time the same ones.
//
// A name is engine/op-or-block/shape/parameters: "optimized/router/granite-3.0-1b-a400m/tokens:128/threads:1". It is a
// contract between commits: what a name stands for does not change; what computes something else gets another name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/cost/cost.hpp"

namespace assay::bench::micro {

/// Numbers of tokens, depths, batches: `for (const std::size_t tokens : Sizes{1, 64})`.
using Sizes = std::vector<std::size_t>;

/// One call, with its operands. Inputs are fixed: equal cases compute equal outputs.
class Operation {
 public:
  Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation() = default;

  virtual void call() = 0;

  /// Operands as they were built, where a call changes them. Does nothing by default.
  virtual void restart() {}

  /// What the last call computed.
  [[nodiscard]] virtual std::vector<std::span<const std::byte>> outputs() const = 0;
};

struct Case {
  std::string name;
  Cost cost;  ///< of one call: what its result needs, not what an algorithm does beyond that; bytes moved at least
  std::size_t threads = 1;
  /// Of the weights, keys or states that one call reads, where these are what it waits for: the case is then also timed
  /// cold. 0: it is not.
  std::size_t cold_bytes = 0;
  std::size_t held_bytes = 0;  ///< memory that the operands of such a case take
  std::function<std::unique_ptr<Operation>()> make;
};

class Registry {
 public:
  /// A second case of one name is our own mistake: std::logic_error.
  void add(Case added);

  [[nodiscard]] const std::vector<Case>& cases() const { return cases_; }

  /// Throws Error for a name that is not known; it names the nearest.
  [[nodiscard]] const Case& at(const std::string& name) const;

 private:
  std::vector<Case> cases_;
  std::map<std::string, std::size_t, std::less<>> places_;
};

/// Those that script/regress compares: quick, single-threaded, of both engines. In the order of this list; a registry
/// without the optimized engine has only some.
[[nodiscard]] std::vector<const Case*> regress_set(const Registry& registry);

/// FNV-1a, 64 bits, of the outputs of a first call.
[[nodiscard]] std::uint64_t digest(Operation& operation);

}  // namespace assay::bench::micro

/// `calls` calls of the operation and nothing else. The name is for `valgrind --toggle-collect`.
extern "C" void assay_measured_region(assay::bench::micro::Operation* operation, std::uint64_t calls);
