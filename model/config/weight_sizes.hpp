// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Guards the arithmetic of the weight manifest. Internal to model/config.
#pragma once

#include <string>

#include "model/config/config.hpp"

namespace assay {

/// Throws Error if a tensor of such a model, or their number, is beyond any real model: from here on sizes can be
/// multiplied and added without a thought of overflow.
void check_weight_sizes(const Config& config, const std::string& origin);

}  // namespace assay
