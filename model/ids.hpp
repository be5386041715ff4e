// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Strong types for numbers that must not be mixed up.
#pragma once

#include <compare>
#include <cstddef>

namespace assay {

struct LayerIndex {
  std::size_t value = 0;
  auto operator<=>(const LayerIndex&) const = default;
};

struct CallIndex {
  std::size_t value = 0;
  auto operator<=>(const CallIndex&) const = default;
};

}  // namespace assay
