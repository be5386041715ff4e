// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which token of a sequence speaks for it in a classification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/call.hpp"
#include "model/tensor.hpp"

namespace assay::reference {

/// The last token of the row whose id is not the pad id, the first where all are pads; the last token where there is no
/// pad id, or embeddings instead of ids. The attention mask has no say, and a negative pad id is no id.
/// GenericForSequenceClassification.forward (transformers 5.23.0, modeling_layers.py).
[[nodiscard]] std::size_t pooled_token(const Call& call, std::size_t row, std::optional<std::int64_t> pad_token_id);

/// The scores of the pooled token of each row.
template <class T>
[[nodiscard]] Tensor<T, 2> pool(View<const T, 3> scores,  // [B, L, num_labels]
                                const Call& call,
                                std::optional<std::int64_t> pad_token_id);  // -> [B, num_labels]

}  // namespace assay::reference
