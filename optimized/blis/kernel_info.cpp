// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blis/kernel_info.hpp"

#include <blis.h>

namespace assay::optimized::blis {

KernelInfo kernel_info() {
  bli_init();
  cntx_t* context = bli_gks_query_cntx();
  const auto block = [&](bszid_t size) {
    return static_cast<std::size_t>(bli_cntx_get_blksz_def_dt(BLIS_FLOAT, size, context));
  };
  return {bli_info_get_version_str(), bli_arch_string(bli_arch_query_id()), block(BLIS_MR), block(BLIS_NR)};
}

}  // namespace assay::optimized::blis
