// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What `assay run` has to say: for people, and as JSON (schema assay.run/1).
#pragma once

#include <cstddef>
#include <string>

#include "assay/generation.hpp"
#include "golden/judge/result.hpp"

namespace assay {

struct RunResult {
  std::string checkpoint;  ///< the folder, as given
  std::string model_type;
  golden::EngineRun engine;
  std::string kernel;  ///< BLIS's, of the optimized engine; else ""
  std::size_t prompt_tokens = 0;
  bool use_cache = true;
  Generation generation;
  double load_seconds = 0;         ///< from opening the folder until the engine is ready
  std::size_t packed_bytes = 0;    ///< of the engine's own weights; 0: it has none
  std::size_t resident_bytes = 0;  ///< after loading
  std::size_t peak_rss_bytes = 0;
};

/// The ids and a table, at 80 columns.
[[nodiscard]] std::string run_table(const RunResult& result);

/// null stands for threads, weights, kernel and packed_bytes of an engine that has none, and for
/// decode_tokens_per_s where only one token was made.
[[nodiscard]] std::string run_json(const RunResult& result);

}  // namespace assay
