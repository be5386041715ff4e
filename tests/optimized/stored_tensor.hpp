// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A stored tensor made of bytes at an odd address: no reader may rely on alignment.
#pragma once

#include <cstddef>
#include <cstring>
#include <vector>

#include "model/tensor_source.hpp"

namespace assay::test {

class OddlyStored {
 public:
  template <class Element>
  OddlyStored(DType dtype, const Shape& shape, const std::vector<Element>& values)
      : dtype_(dtype), shape_(shape), bytes_(values.size() * sizeof(Element) + 1) {
    std::memcpy(bytes_.data() + 1, values.data(), bytes_.size() - 1);
  }

  [[nodiscard]] StoredTensor tensor() const {
    return {dtype_, shape_, std::span(bytes_).subspan(1), "model.safetensors"};
  }

 private:
  DType dtype_;
  Shape shape_;
  std::vector<std::byte> bytes_;
};

}  // namespace assay::test
