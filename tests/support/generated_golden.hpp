// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Goldens with a generation, without transformers: the reference engine in float32 stands for its float32 model and the
// one in float64 for the truth. They show that the parts fit together; what transformers does is in committed goldens.
#pragma once

#include <cstdint>
#include <vector>

#include "golden/format/recorded_generation.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {

/// A run of the model of a golden. `how` has the attributes, the draws of a sampled run for all steps, and the prompts.
[[nodiscard]] golden::RecordedGeneration recorded_run(const GoldenCopy& copy, golden::RecordedGeneration how);

/// Prompts of different lengths, padded on the left with 0, as `input_ids` and `attention_mask`.
void set_prompts(golden::RecordedGeneration& generation, const std::vector<std::vector<std::int64_t>>& prompts);

/// Writes /generation into the copy, in place of one that is there.
void write_generation(GoldenCopy& copy, const golden::RecordedGeneration& generation);

}  // namespace assay::test
