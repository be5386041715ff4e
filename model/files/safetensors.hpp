// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The safetensors format: 8 bytes of header length, a JSON header, and the data. Reads one file; see checkpoint for
// shards.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "model/tensor_source.hpp"

namespace assay {

/// The tensors of one safetensors file that is in memory; they borrow `bytes`. `file` names it in messages.
/// Throws Error where the header is truncated, oversized, not strict JSON, or where offsets leave the data, overlap,
/// leave a hole, or do not fit shape and dtype.
[[nodiscard]] std::map<std::string, StoredTensor> read_safetensors(std::span<const std::byte> bytes,
                                                                   const std::string& file);

/// The strings under __metadata__; none where the file has none. Throws Error as read_safetensors does.
[[nodiscard]] std::map<std::string, std::string> read_safetensors_metadata(std::span<const std::byte> bytes,
                                                                           const std::string& file);

}  // namespace assay
