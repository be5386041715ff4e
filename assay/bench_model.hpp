// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The model that `assay bench` times: its config and its weights, wherever they come from.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "assay/bench_options.hpp"
#include "golden/format/golden_file.hpp"
#include "model/config/config.hpp"
#include "model/config/manifest.hpp"
#include "model/tensor_source.hpp"

namespace assay {

struct BenchModel {
  Config config;
  std::unique_ptr<golden::GoldenFile> golden;  ///< null unless one was asked for
  std::unique_ptr<TensorSource> source;
  Weights weights;
  std::map<std::string, std::string> settings;  ///< "model", "layers", "dtype": what makes two results comparable
  std::size_t bytes_in_memory = 0;              ///< of weights that are no mapped file
};

/// Throws Error: no such model, or one that memory does not hold.
[[nodiscard]] BenchModel load_bench_model(const BenchModelOptions& options, std::size_t threads);

/// Throws UsageError where the model cannot do what is wanted: more positions than it has, decoding or depth without a
/// cache.
void check_wanted(const BenchModel& model, const bench::Wanted& wanted);

}  // namespace assay
