// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Packs the weight matrices of a model: first they are announced, then all are packed at once, in parallel, straight
// from the mapped file, whose pages are dropped behind, so that hardly more is resident than what is packed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/tensor_source.hpp"
#include "optimized/aligned_buffer.hpp"
#include "optimized/blis/packed_matrix.hpp"
#include "optimized/threads.hpp"

namespace assay::optimized::blis {

/// Some rows of a stored tensor, leading axes flattened: an [E, 2I, D] tensor has E * 2I rows of D.
struct StoredRows {
  const StoredTensor* tensor = nullptr;  ///< outlives pack()
  std::size_t first = 0;
  std::size_t count = 0;
  std::string name;  ///< for messages
};

/// All rows.
[[nodiscard]] StoredRows all_rows(const StoredTensor& tensor, std::string name);

/// Owns the packed panels.
class WeightPacker {
 public:
  /// Takes memory in pieces of about `expected_bytes`, the whole of what will be packed, but no more than 1 GiB at
  /// once.
  explicit WeightPacker(WeightStorage storage, double expected_bytes = 0);

  /// The parts below each other: their outputs are columns 0, 1, ... of one result, each part in panels of its own.
  /// The matrix may be used after pack().
  [[nodiscard]] PackedMatrix add(const std::vector<StoredRows>& parts);

  /// Gate and up projection, panel by panel in turn; both have the same number of rows.
  [[nodiscard]] PackedMatrix add_gated(const StoredRows& gate, const StoredRows& up);

  /// Packs what was announced. Throws Error where bfloat16 storage would have to round a weight.
  void pack(const Threads& threads);

  /// Of everything announced so far, padding included.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// The longest input of all matrices.
  [[nodiscard]] std::size_t widest_input() const { return widest_input_; }

 private:
  /// The rows of one panel.
  struct Job {
    std::size_t source;  // in sources_
    std::size_t first_row;
    std::size_t rows;
    std::byte* panel;
    bool exact = true;
  };

  [[nodiscard]] std::byte* allocate(std::size_t bytes);
  void add_job(std::size_t source, std::size_t panel_of_part, std::byte* panel);
  void pack_panel(Job& job) const;

  WeightStorage storage_;
  std::size_t block_bytes_;
  std::vector<StoredRows> sources_;
  std::vector<Job> jobs_;
  std::vector<AlignedBuffer> blocks_;
  std::size_t used_of_block_ = 0;
  std::size_t bytes_ = 0;
  std::size_t widest_input_ = 0;
};

}  // namespace assay::optimized::blis
