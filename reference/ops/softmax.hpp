// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Softmax over the keys that a query sees.
#pragma once

#include <cstdint>

#include "model/view.hpp"

namespace assay::reference {

/// Softmax of the visible scores; the others get exactly 0. A row that sees nothing is uniform over all keys:
/// eager attention adds the most negative finite number to every score, which makes them all equal.
template <class T>
void masked_softmax(View<const T, 1> scores,              // [S]
                    View<const std::uint8_t, 1> visible,  // [S]
                    View<T, 1> probs);                    // [S]

}  // namespace assay::reference
