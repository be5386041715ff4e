// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Products of one packed panel with a few tokens, bound by the bandwidth of the memory that the panel comes from; and
// the widening of a bfloat16 panel for the microkernel. Chosen at run time for the processor (Highway).
#pragma once

#include <cstddef>
#include <cstdint>

namespace assay::optimized::blis {

/// Up to so many tokens a panel is multiplied without the microkernel, which would do the work of `narrow` tokens.
constexpr std::size_t gemv_max_tokens = 4;

/// y[t, r] = sum over k of x[t, k] * panel[k, r], for `tokens` <= gemv_max_tokens.
void gemv_panel(const float* panel,  // [inputs, wide]
                std::size_t inputs, std::size_t wide,
                const float* const* x,  // tokens rows of [inputs]
                std::size_t tokens,
                float* y);  // [tokens, wide]

/// The same with a panel of bfloat16.
void gemv_panel(const std::uint16_t* panel, std::size_t inputs, std::size_t wide, const float* const* x,
                std::size_t tokens, float* y);

/// wide[i] = narrow[i], exact.
void widen_bf16(const std::uint16_t* narrow, std::size_t count, float* wide);

}  // namespace assay::optimized::blis
