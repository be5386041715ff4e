// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Where weights come from: a checkpoint on disk, or the inside of a golden. Tensors are shown exactly as stored:
// no transpose, no split, no fuse, no change of type.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "model/dtype.hpp"
#include "model/shape.hpp"

namespace assay {

/// One stored tensor; `bytes` live as long as the source that owns them.
struct StoredTensor {
  DType dtype = DType::f32;
  Shape shape;
  std::span<const std::byte> bytes;
  std::string file;     ///< for messages: the file that holds it
  bool mapped = false;  ///< `bytes` are part of a mapped file: drop_pages() may be called on them
};

class TensorSource {
 public:
  virtual ~TensorSource() = default;

  /// All tensors, by the name they are stored under.
  [[nodiscard]] virtual const std::map<std::string, StoredTensor>& tensors() const = 0;

  /// For messages: the file or folder.
  [[nodiscard]] virtual const std::string& where() const = 0;
};

}  // namespace assay
