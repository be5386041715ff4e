// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/optimized_engine.hpp"

namespace assay {

std::string blis_text() { return "not in this build"; }

}  // namespace assay
