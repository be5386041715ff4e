// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Weights for a model of a published shape whose files are not here: speed depends on shapes and on how the tokens
// spread over the experts, hardly on values, as long as those stay sane.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "model/config/config.hpp"
#include "model/dtype.hpp"
#include "model/tensor_source.hpp"

namespace assay::bench {

/// The tensors of `manifest(config)` in memory, f32 or bf16, uniform at the scale that keeps activations near 1: the
/// same seed gives the same values whatever the number of threads. bf16 values are those that a bfloat16 holds.
class RandomWeights final : public TensorSource {
 public:
  /// Throws Error where memory does not hold them, before it takes any.
  RandomWeights(const Config& config, DType dtype, std::uint64_t seed, std::size_t threads);
  ~RandomWeights() override;

  [[nodiscard]] const std::map<std::string, StoredTensor>& tensors() const override { return tensors_; }
  [[nodiscard]] const std::string& where() const override { return where_; }

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
  std::size_t bytes_ = 0;
  std::map<std::string, StoredTensor> tensors_;
  std::string where_ = "random weights";
};

}  // namespace assay::bench
