// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A forward call that owns its arguments, as a test writes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/call.hpp"
#include "model/tensor.hpp"

namespace assay::test {

using Rows = std::vector<std::vector<std::int64_t>>;

struct OwnedCall {
  Rows input_ids;         ///< one sequence a row
  Rows attention_mask{};  ///< none where empty
  Rows position_ids{};    ///< none where empty
  bool use_cache = false;
  bool continues = false;
  std::size_t logits_to_keep = 0;
};

/// Lays the rows out in memory; lives as long as the call it gives.
class LaidOutCall {
 public:
  explicit LaidOutCall(const OwnedCall& call)
      : ids_(lay_out(call.input_ids)),
        mask_(lay_out(call.attention_mask)),
        positions_(lay_out(call.position_ids)),
        use_cache_(call.use_cache),
        continues_(call.continues),
        logits_to_keep_(call.logits_to_keep) {}

  [[nodiscard]] Call call() const {
    Call call;
    call.input_ids = ids_.view();
    call.attention_mask = optional_view(mask_);
    call.position_ids = optional_view(positions_);
    call.use_cache = use_cache_;
    call.continues = continues_;
    call.logits_to_keep = logits_to_keep_;
    return call;
  }

 private:
  static Tensor<std::int64_t, 2> lay_out(const Rows& rows) {
    if (rows.empty()) return {};
    Tensor<std::int64_t, 2> tensor({rows.size(), rows.front().size()});
    for (std::size_t b = 0; b < rows.size(); ++b) {
      for (std::size_t l = 0; l < rows.front().size(); ++l) tensor(b, l) = rows[b].at(l);
    }
    return tensor;
  }

  static std::optional<View<const std::int64_t, 2>> optional_view(const Tensor<std::int64_t, 2>& tensor) {
    if (tensor.empty()) return std::nullopt;
    return tensor.view();
  }

  Tensor<std::int64_t, 2> ids_;
  Tensor<std::int64_t, 2> mask_;
  Tensor<std::int64_t, 2> positions_;
  bool use_cache_;
  bool continues_;
  std::size_t logits_to_keep_;
};

}  // namespace assay::test
