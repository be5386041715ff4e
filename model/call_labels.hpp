// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The check of a call's labels. Internal to model/call.
#pragma once

#include <string_view>

#include "model/call.hpp"

namespace assay {

/// Throws Error on labels of another shape, outside the vocabulary or the classes, of a kind that the loss does not
/// take, on labels without a target (transformers gives NaN there), and on labels of a bare model.
void check_labels(const Config& config, const Call& call, std::string_view where);

}  // namespace assay
