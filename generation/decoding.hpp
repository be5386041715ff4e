// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// How the next token comes from its scores: the part of transformers' GenerationConfig (5.23.0) that is known here.
#pragma once

#include <cstddef>
#include <optional>

namespace assay::generation {

/// do_sample=True. The defaults are those of GenerationConfig._get_default_generation_params.
struct Sampling {
  double temperature = 1.0;
  std::size_t top_k = 50;
  double top_p = 1.0;
  std::optional<double> min_p = {};
};

struct Decoding {
  double repetition_penalty = 1.0;
  std::optional<Sampling> sampling = {};  ///< none: greedy
};

/// Throws Error: of a penalty or temperature that is not a finite number above 0, a top_k of 0, a top_p outside
/// (0, 1], a min_p outside [0, 1].
void check(const Decoding& decoding);

}  // namespace assay::generation
