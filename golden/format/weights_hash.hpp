// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// One number for all weights of a model, the same for tensors that are at hand and for a list of their hashes: by it
// two files know that they speak of the same model.
#pragma once

#include <optional>
#include <string>

#include "golden/format/golden_file.hpp"

namespace assay::golden {

/// The sha256 of one line "NAME DTYPE SHAPE SHA256" a tensor, in the order of their names (golden/FORMAT.md,
/// weights_sha256): of the embedded weights, or of what a golden without them recorded. Of a dump what it says; nothing
/// where it says nothing. Throws Error where the weights are damaged.
[[nodiscard]] std::optional<std::string> weights_sha256(const GoldenFile& golden);

}  // namespace assay::golden
