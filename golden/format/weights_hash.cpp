// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/weights_hash.hpp"

#include <fmt/format.h>

#include <span>

#include "golden/format/recorded_checkpoint.hpp"
#include "model/files/sha256.hpp"

namespace assay::golden {
namespace {

std::string line(const std::string& name, std::string_view dtype, const Shape& shape, const std::string& hash) {
  return fmt::format("{} {} {} {}\n", name, dtype, to_string(shape), hash);
}

}  // namespace

std::optional<std::string> weights_sha256(const GoldenFile& golden) {
  if (golden.kind() == Kind::dump) return golden.reader().string_attribute("/", "weights_sha256");
  std::string lines;
  if (golden.checkpoint()) {
    for (const auto& [name, tensor] : golden.checkpoint()->tensors) {
      lines += line(name, tensor.dtype, tensor.shape, tensor.sha256);
    }
  } else {
    const EmbeddedWeights weights(golden);
    for (const auto& [name, tensor] : weights.tensors()) {
      lines += line(name, torch_name(tensor.dtype), tensor.shape, sha256(tensor.bytes));
    }
  }
  return sha256(std::as_bytes(std::span(lines)));
}

}  // namespace assay::golden
