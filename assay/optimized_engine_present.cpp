// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "assay/optimized_engine.hpp"
#include "optimized/blis/kernel_info.hpp"

namespace assay {

std::string blis_text() {
  const optimized::blis::KernelInfo kernel = optimized::blis::kernel_info();
  return fmt::format("{}, {} kernels, {} x {} float32 microkernel", kernel.library_version, kernel.architecture,
                     kernel.rows, kernel.columns);
}

}  // namespace assay
