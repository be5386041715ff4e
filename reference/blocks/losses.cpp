// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/losses.hpp"

#include <array>

#include "reference/ops/loss.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

ProblemType problem_type_of(const Call& call, const TransformerConfig& config) {
  if (config.problem_type) return *config.problem_type;
  if (config.num_labels == 1) return ProblemType::regression;
  return call.labels ? ProblemType::single_label_classification : ProblemType::multi_label_classification;
}

}  // namespace

template <class T>
double language_loss(View<const T, 3> logits, const Call& call) {
  const auto& labels = *call.labels;
  const std::size_t batch = labels.extent(0);
  const std::size_t length = labels.extent(1);
  Tensor<std::int64_t, 2> targets({batch, length});
  for (std::size_t b = 0; b < batch; ++b) {
    for (std::size_t l = 0; l < length; ++l) targets(b, l) = l + 1 < length ? labels(b, l + 1) : no_target;
  }
  return cross_entropy<T>(logits.reshaped(std::array{batch * length, logits.extent(2)}), targets.view().flat(),
                          call.num_items_in_batch);
}

template <class T>
double classification_loss(View<const T, 2> pooled, const Call& call, const TransformerConfig& config) {
  switch (problem_type_of(call, config)) {
    case ProblemType::regression:
      return mean_squared_error<T>(pooled.flat(), call.float_labels->flat());
    case ProblemType::single_label_classification:
      return cross_entropy<T>(pooled, call.labels->flat(), std::nullopt);
    case ProblemType::multi_label_classification:
      return binary_cross_entropy_with_logits<T>(pooled.flat(), call.float_labels->flat());
  }
  return 0.0;
}

template double language_loss<float>(View<const float, 3>, const Call&);
template double language_loss<double>(View<const double, 3>, const Call&);
template double language_loss<Gauged>(View<const Gauged, 3>, const Call&);
template double classification_loss<float>(View<const float, 2>, const Call&, const TransformerConfig&);
template double classification_loss<double>(View<const double, 2>, const Call&, const TransformerConfig&);
template double classification_loss<Gauged>(View<const Gauged, 2>, const Call&, const TransformerConfig&);

}  // namespace assay::reference
