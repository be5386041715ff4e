// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The dataset /checkpoint of a golden whose weights stayed on disk.
#pragma once

#include <string>
#include <string_view>

#include "golden/format/golden_file.hpp"
#include "model/tensor_source.hpp"

namespace assay::golden {

/// {"path": ..., "tensors": {NAME: {"dtype", "shape", "sha256"}}}. Throws Error; `origin` opens the message.
[[nodiscard]] RecordedCheckpoint parse_recorded_checkpoint(std::string_view text, const std::string& origin);

/// How the generator spells a dtype: as torch does, "bfloat16".
[[nodiscard]] std::string_view torch_name(DType dtype);

/// What of the weights on disk is not what the golden was made from: a line a tensor; empty if all is the same.
/// Reads and hashes every tensor.
[[nodiscard]] std::vector<std::string> stale_tensors(const RecordedCheckpoint& recorded, const TensorSource& source);

}  // namespace assay::golden
