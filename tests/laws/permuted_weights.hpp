// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The same model with its experts or its heads in another order: every engine must come to the same logits.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "model/config/manifest.hpp"
#include "tests/support/small_model.hpp"

namespace assay::test {

enum class Permuted {
  experts,          ///< the router's rows, and the experts with them
  attention_heads,  ///< key/value heads, and the query heads within each group of them
  mamba_heads,      ///< heads within their groups
};

class PermutedWeights {
 public:
  PermutedWeights(const Config& config, const MadeUpWeights& plain, Permuted kind);

  [[nodiscard]] Weights weights() const;

  /// Tensors that are not as they were: a permutation that changes nothing would prove nothing.
  [[nodiscard]] std::size_t changed() const { return changed_; }

 private:
  void permute(const Config& config, Permuted kind);

  std::vector<ExpectedTensor> manifest_;
  std::map<std::string, std::vector<float>> values_;
  std::size_t changed_ = 0;
};

}  // namespace assay::test
