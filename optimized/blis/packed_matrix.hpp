// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A weight matrix in the layout that the microkernel reads: panels of `wide` outputs, each panel input by input. The
// same bytes serve products with many tokens and with one; a matrix is packed once, when it is loaded.
#pragma once

#include <cassert>
#include <cstddef>
#include <vector>

#include "optimized/weight_storage.hpp"

namespace assay::optimized::blis {

/// Where the outputs of a panel go.
struct PanelOutputs {
  std::size_t first = 0;  ///< column of the result
  std::size_t count = 0;  ///< up to wide; the rest of the panel is padding of zeros
};

/// Borrows its panels from the arena that they were packed into.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  PackedMatrix(const std::byte* data, WeightStorage storage, std::size_t inputs, std::size_t wide,
               std::vector<PanelOutputs> outputs, bool gated)
      : data_(data), storage_(storage), inputs_(inputs), wide_(wide), outputs_(std::move(outputs)), gated_(gated) {}

  [[nodiscard]] WeightStorage storage() const { return storage_; }
  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] std::size_t panels() const { return outputs_.size(); }
  [[nodiscard]] const PanelOutputs& outputs(std::size_t panel) const { return outputs_[panel]; }

  /// Whether panels 2p and 2p + 1 are the gate and the up projection of the same outputs.
  [[nodiscard]] bool gated() const { return gated_; }

  /// Panel `panel` from input `first_input` on: [inputs, wide] of float or of bfloat16.
  [[nodiscard]] const std::byte* panel(std::size_t panel, std::size_t first_input = 0) const {
    assert(panel < panels() && first_input < inputs_ && "inside the matrix");
    return data_ + (panel * inputs_ + first_input) * wide_ * size_bytes(storage_);
  }

  [[nodiscard]] std::size_t bytes() const { return panels() * inputs_ * wide_ * size_bytes(storage_); }

 private:
  const std::byte* data_ = nullptr;
  WeightStorage storage_ = WeightStorage::f32;
  std::size_t inputs_ = 0;
  std::size_t wide_ = 0;
  std::vector<PanelOutputs> outputs_;
  bool gated_ = false;
};

}  // namespace assay::optimized::blis
