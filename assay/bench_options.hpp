// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What `assay bench` is asked for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "assay/engines.hpp"
#include "assay/options.hpp"
#include "assay/phimoe_longrope.hpp"
#include "bench/throughput/workload.hpp"
#include "model/dtype.hpp"

namespace assay {

/// One of checkpoint, like and golden names the model; a golden without weights takes those of a checkpoint.
struct BenchModelOptions {
  std::string checkpoint;
  std::string like;
  std::optional<std::size_t> layers;  ///< of like
  DType dtype = DType::bf16;          ///< of like
  std::string golden;
  std::string gates;
  std::optional<PhimoeLongrope> phimoe_longrope;
};

struct BenchOptions {
  BenchModelOptions model;
  EngineSettings settings;
  bench::Wanted wanted;
  std::size_t repeat = 5;
  bool profile = false;
  bool observe = false;
  std::string commit;  ///< of the engine that is timed, as the caller names it
  std::string json;
  std::string csv;
  std::string markdown;
  std::string trace;

  /// Whether standard output is for people: no file goes there.
  [[nodiscard]] bool prints() const;
};

/// Nothing where only help was asked for. Throws UsageError.
[[nodiscard]] std::optional<BenchOptions> parse_bench_options(const Arguments& arguments);

}  // namespace assay
