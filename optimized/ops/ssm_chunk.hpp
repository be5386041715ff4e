// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// One head of the selective scan through one chunk of tokens, on packed panels. Used by ssm_scan alone.
//
// Within a chunk, with cum_t the sum of dt * A up to and with token t, and S the state before the chunk:
//   y_t = exp(cum_t) * C_t S + sum_{s <= t} (C_t . B_s) exp(cum_t - cum_s) dt_s x_s + D x_t
//   S'  = exp(cum_end) * S + sum_s exp(cum_end - cum_s) dt_s B_s (outer) x_s
#pragma once

#include <cstddef>

#include "optimized/rows.hpp"

namespace assay::optimized {

/// The sizes of packed panels; `narrow` and `wide` are the sides of the microkernel's tile.
struct SsmPanels {
  SsmPanels(std::size_t head_dim_, std::size_t state_);

  std::size_t narrow;
  std::size_t wide;
  std::size_t head_dim;      // P
  std::size_t state;         // N
  std::size_t token_panels;  // narrow panels of the tokens of a chunk
  std::size_t state_panels;  // narrow panels of N
  std::size_t head_panels;   // wide panels of P

  /// Vectors are read and written past the last element by less than this.
  static constexpr std::size_t slack = 64;
  /// Q, tokens of a chunk; a multiple of every microkernel's tile that there is.
  static constexpr std::size_t tokens = 72;

  [[nodiscard]] std::size_t c_floats() const { return token_panels * state * narrow; }
  [[nodiscard]] std::size_t b_floats() const { return state_panels * tokens * narrow; }
  [[nodiscard]] std::size_t cb_floats() const { return token_panels * tokens * narrow + slack; }
  /// The rows of a wide panel of the packed state: N and the padding that tiles of it need.
  [[nodiscard]] std::size_t state_rows() const { return state_panels * narrow; }
  [[nodiscard]] std::size_t state_floats() const { return head_panels * state_rows() * wide; }
  [[nodiscard]] std::size_t scratch_floats() const;
};

/// What the heads of a group share.
struct SsmGroupChunk {
  const float* c;   // [Q / narrow][N][narrow]
  const float* b;   // [N / narrow][Q][narrow]
  const float* cb;  // [Q / narrow][Q][narrow]: C_t . B_s for all s up to the last token t of the panel
};

struct SsmHeadChunk {
  Rows<const float> x;       // [tokens, P]
  Rows<const float> dt;      // [tokens, 1]
  float decay;               // A
  float d_skip;              // D
  float* state;              // [P / wide][N][wide], padding zero; read and updated
  Rows<float> y;             // [tokens, P]
  Rows<const float> next_x;  // what this thread reads next, may be empty
};

void ssm_chunk(const SsmPanels& panels, const SsmGroupChunk& group, const SsmHeadChunk& head,
               float* scratch);  // [scratch_floats()], 64-byte aligned

}  // namespace assay::optimized
