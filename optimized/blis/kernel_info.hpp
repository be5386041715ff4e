// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which kernels BLIS chose for this processor. optimized/blis is the one place that includes <blis.h>.
#pragma once

#include <cstddef>
#include <string>

namespace assay::optimized::blis {

struct KernelInfo {
  std::string library_version;
  std::string architecture;  ///< BLIS's name of the kernel set: "haswell", "zen3", "skx", ...
  std::size_t rows = 0;      ///< MR of the float32 microkernel
  std::size_t columns = 0;   ///< NR of the float32 microkernel
};

[[nodiscard]] KernelInfo kernel_info();

}  // namespace assay::optimized::blis
