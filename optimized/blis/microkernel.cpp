// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blis/microkernel.hpp"

#include <blis.h>

namespace assay::optimized::blis {

Microkernel::Microkernel() {
  bli_init();
  cntx_t* context = bli_gks_query_cntx();
  context_ = context;
  function_ = reinterpret_cast<void*>(bli_cntx_get_l3_nat_ukr_dt(BLIS_FLOAT, BLIS_GEMM_UKR, context));
  prefers_rows_ = bli_cntx_l3_nat_ukr_prefers_rows_dt(BLIS_FLOAT, BLIS_GEMM_UKR, context);
  const auto rows = static_cast<std::size_t>(bli_cntx_get_blksz_def_dt(BLIS_FLOAT, BLIS_MR, context));
  const auto columns = static_cast<std::size_t>(bli_cntx_get_blksz_def_dt(BLIS_FLOAT, BLIS_NR, context));
  narrow_ = prefers_rows_ ? rows : columns;
  wide_ = prefers_rows_ ? columns : rows;
}

void Microkernel::operator()(std::size_t k, const float* narrow_panel, const float* wide_panel, float beta, float* c,
                             std::size_t stride) const {
  float one = 1.0F;
  auxinfo_t hints{};
  // The kernel prefetches from these addresses; its own panels are harmless ones.
  // BLIS takes its inputs without const.
  auto* a = const_cast<float*>(prefers_rows_ ? narrow_panel : wide_panel);
  auto* b = const_cast<float*>(prefers_rows_ ? wide_panel : narrow_panel);
  bli_auxinfo_set_next_ab(a, b, &hints);
  const auto kernel = reinterpret_cast<sgemm_ukr_ft>(function_);
  const auto rows = static_cast<dim_t>(prefers_rows_ ? narrow_ : wide_);
  const auto columns = static_cast<dim_t>(prefers_rows_ ? wide_ : narrow_);
  const auto row_stride = static_cast<inc_t>(prefers_rows_ ? stride : 1);
  const auto column_stride = static_cast<inc_t>(prefers_rows_ ? 1 : stride);
  kernel(rows, columns, static_cast<dim_t>(k), &one, a, b, &beta, c, row_stride, column_stride, &hints,
         static_cast<cntx_t*>(context_));
}

const Microkernel& microkernel() {
  static const Microkernel kernel;
  return kernel;
}

}  // namespace assay::optimized::blis
