// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What of the optimized engine is in this build; CMake picks one of the two files that implement this.
#pragma once

#include <string>

namespace assay {

/// "0.9.0, zen kernels, 6 x 16 microkernel", or that the build is without it.
[[nodiscard]] std::string blis_text();

}  // namespace assay
