// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The options that choose engines: --engine, --precision, --threads, --weights.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <string>
#include <vector>

#include "assay/engines.hpp"

namespace assay {

/// The names behind --engine: one, or for "all" every engine of this build. Throws UsageError.
[[nodiscard]] std::vector<std::string> engines_named(const std::string& option);

/// --threads and --weights.
void add_optimized_options(boost::program_options::options_description& description);

/// The settings of one run, given the values of all options. Throws UsageError: of a precision that the engine does not
/// compute, and of --threads and --weights for an engine that has neither. Warns on standard error of more threads
/// than cores.
[[nodiscard]] EngineSettings engine_settings(const boost::program_options::variables_map& values,
                                             const std::string& engine, Precision precision);

/// The runs of --engine, --precision, --threads and --weights, in their order: the reference in float64 and float32
/// unless a precision is asked for, the optimized engine in float32. Says on standard error which engine is left out.
[[nodiscard]] std::vector<EngineSettings> engine_runs(const boost::program_options::variables_map& values);

/// " --threads 2 --weights bf16" where they mean something.
[[nodiscard]] std::string optimized_arguments(const EngineSettings& settings);

}  // namespace assay
