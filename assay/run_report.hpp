// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What `assay run` has to say: for people, and as JSON (schema assay.run/2).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "assay/decoding_options.hpp"
#include "generation/generate.hpp"
#include "golden/judge/result.hpp"

namespace assay {

/// One call of generate.
struct GeneratedBatch {
  std::vector<std::size_t> prompt_tokens;  ///< of each row, without pads
  generation::Generation generation;
};

struct RunResult {
  std::string checkpoint;  ///< the folder, as given
  std::string model_type;
  golden::EngineRun engine;
  std::string kernel;  ///< BLIS's, of the optimized engine; else ""
  bool batch = false;  ///< all prompts at once
  DecodingOptions decoding;
  bool use_cache = true;
  std::vector<GeneratedBatch> batches;  ///< one with all prompts, or one a prompt
  double load_seconds = 0;              ///< from opening the folder until the engine is ready
  std::size_t packed_bytes = 0;         ///< of the engine's own weights; 0: it has none
  std::size_t resident_bytes = 0;       ///< after loading
  std::size_t peak_rss_bytes = 0;
};

/// The ids of each prompt and a table, at 80 columns. Rates count the tokens of all prompts, pads left out.
[[nodiscard]] std::string run_table(const RunResult& result);

/// null stands for threads, weights, kernel and packed_bytes of an engine that has none, for the sampling of a greedy
/// run, and for decode_tokens_per_s where only the first tokens were made.
[[nodiscard]] std::string run_json(const RunResult& result);

}  // namespace assay
