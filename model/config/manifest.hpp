// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which tensors a checkpoint of a config must hold, and under which names an engine finds them.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "model/config/config.hpp"
#include "model/tensor_source.hpp"

namespace assay {

struct ExpectedTensor {
  std::string name;  ///< as save_pretrained writes it (the names of transformers v4)
  Shape shape;
};

/// Every tensor of a model with this config, in the order of the forward pass. Tied: without lm_head.weight; a bare
/// model has no head, a classification has score.weight.
[[nodiscard]] std::vector<ExpectedTensor> manifest(const Config& config);

/// The number of weights of such a model; a tied matrix counts once.
[[nodiscard]] std::size_t parameter_count(const Config& config);

/// The tensors of a checked checkpoint under the names of `manifest`, whichever of the two namings its files use (a
/// bare model is saved without the prefix "model."), and lm_head.weight also where it is tied. It borrows from the
/// source.
class Weights {
 public:
  explicit Weights(std::map<std::string, StoredTensor> tensors) : tensors_(std::move(tensors)) {}

  /// Asking for a name that the manifest does not have is our own mistake: it throws std::logic_error.
  [[nodiscard]] const StoredTensor& at(const std::string& name) const;
  [[nodiscard]] const std::map<std::string, StoredTensor>& all() const { return tensors_; }

 private:
  std::map<std::string, StoredTensor> tensors_;
};

/// Checks the source against the manifest. Throws one Error that lists every missing, extra, misshaped and mistyped
/// tensor at once.
[[nodiscard]] Weights resolve_weights(const Config& config, const TensorSource& source);

}  // namespace assay
