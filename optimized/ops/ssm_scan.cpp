// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/ssm_scan.hpp"

#include <algorithm>
#include <array>

#include "optimized/blis/microkernel.hpp"
#include "optimized/ops/ssm_chunk.hpp"

namespace assay::optimized {
namespace {

/// Chunks that are packed before the heads go through them. Bounds the scratch, whatever the length.
constexpr std::size_t block_chunks = 8;

constexpr std::size_t chunks_of(std::size_t tokens) { return (tokens + SsmPanels::tokens - 1) / SsmPanels::tokens; }

/// Each border between sequences cuts one chunk in two at most.
constexpr std::size_t most_chunks_of(std::size_t tokens, std::size_t sequences) {
  return std::min(block_chunks, chunks_of(tokens) + sequences - 1);
}

struct Chunk {
  std::size_t first = 0;
  std::size_t count = 0;
  bool begins = false;  ///< a packed sequence: its state is zero
};

/// Cuts a row into chunks that do not reach over the borders of sequences.
class Chunks {
 public:
  Chunks(std::size_t length, std::span<const std::int64_t> cu_seq_lens) : length_(length), borders_(cu_seq_lens) {}

  [[nodiscard]] bool done() const { return place_ == length_; }

  Chunk next() {
    const bool begins = !borders_.empty() && place_ == border(0);
    if (begins) borders_ = borders_.subspan(1);
    const std::size_t end = borders_.empty() ? length_ : border(0);
    const Chunk chunk{place_, std::min(SsmPanels::tokens, end - place_), begins};
    place_ += chunk.count;
    return chunk;
  }

 private:
  [[nodiscard]] std::size_t border(std::size_t index) const { return static_cast<std::size_t>(borders_[index]); }

  std::size_t length_;
  std::span<const std::int64_t> borders_;  // from the one that comes next
  std::size_t place_ = 0;
};

constexpr std::size_t line_of(std::size_t floats) { return (floats + 15) / 16 * 16; }

/// How the scratch is cut: what the heads of a group share, one part a group and chunk, then a part for each thread.
struct Cut {
  explicit Cut(const SsmPanels& panels)
      : c(line_of(panels.c_floats())),
        b(line_of(panels.b_floats())),
        shared(c + b + line_of(panels.cb_floats())),
        state(line_of(panels.state_floats())),
        wide_b((SsmPanels::tokens + panels.wide - 1) / panels.wide * panels.state * panels.wide),
        own(line_of(std::max(state + panels.scratch_floats(), wide_b + panels.narrow * panels.wide))) {}

  std::size_t c;
  std::size_t b;
  std::size_t shared;
  std::size_t state;
  std::size_t wide_b;
  std::size_t own;
};

/// Panels of columns of `rows`: out[row / side][column][row % side], rows beyond the last zero.
void pack_columns(Rows<const float> rows, std::size_t side, float* out) {
  for (std::size_t first = 0; first < rows.count; first += side, out += side * rows.width) {
    const std::size_t valid = std::min(side, rows.count - first);
    if (valid < side) std::fill_n(out, side * rows.width, 0.0F);
    for (std::size_t i = 0; i < valid; ++i) {
      const float* row = rows[first + i];
      for (std::size_t column = 0; column < rows.width; ++column) out[column * side + i] = row[column];
    }
  }
}

/// Panels of rows of `rows`: out[column / side][row][column % side], `panel` floats apart, columns beyond the last
/// zero.
void pack_rows(Rows<const float> rows, std::size_t side, std::size_t panel, float* out) {
  for (std::size_t first = 0; first < rows.width; first += side, out += panel) {
    const std::size_t valid = std::min(side, rows.width - first);
    for (std::size_t row = 0; row < rows.count; ++row) {
      std::copy_n(rows[row] + first, valid, out + row * side);
      std::fill_n(out + row * side + valid, side - valid, 0.0F);
    }
  }
}

/// What the heads of one group share in one chunk.
void pack_group(const SsmPanels& panels, const Cut& cut, Rows<const float> b, Rows<const float> c, float* shared,
                float* own) {
  const std::size_t narrow = panels.narrow;
  const std::size_t wide = panels.wide;
  float* cb = shared + cut.c + cut.b;
  pack_columns(c, narrow, shared);
  pack_rows(b, narrow, SsmPanels::tokens * narrow, shared + cut.c);
  pack_columns(b, wide, own);
  float* tile = own + cut.wide_b;
  for (std::size_t first = 0; first < c.count; first += narrow) {
    const float* c_panel = shared + first * panels.state;
    float* cb_panel = cb + first * SsmPanels::tokens;
    const std::size_t reached = std::min(c.count, first + narrow);
    for (std::size_t s = 0; s < reached; s += wide) {
      blis::microkernel()(panels.state, c_panel, own + s * panels.state, 0.0F, tile, wide);
      for (std::size_t i = 0; i < std::min(wide, reached - s); ++i) {
        for (std::size_t t = 0; t < narrow; ++t) cb_panel[(s + i) * narrow + t] = tile[t * wide + i];
      }
    }
  }
}

/// [P, N] to wide panels of P, [P / wide][N][wide], padding zero.
void pack_state(const SsmPanels& panels, const float* state, float* packed) {
  std::fill_n(packed, panels.state_floats(), 0.0F);
  for (std::size_t p = 0; p < panels.head_dim; ++p, state += panels.state) {
    float* column = packed + p / panels.wide * panels.state_rows() * panels.wide + p % panels.wide;
    for (std::size_t n = 0; n < panels.state; ++n) column[n * panels.wide] = state[n];
  }
}

void unpack_state(const SsmPanels& panels, const float* packed, float* state) {
  for (std::size_t p = 0; p < panels.head_dim; ++p, state += panels.state) {
    const float* column = packed + p / panels.wide * panels.state_rows() * panels.wide + p % panels.wide;
    for (std::size_t n = 0; n < panels.state; ++n) state[n] = column[n * panels.wide];
  }
}

}  // namespace

std::size_t ssm_scan_scratch(const SsmExtents& extents, std::size_t length, std::size_t sequences) {
  const Cut cut{SsmPanels(extents.head_dim, extents.state)};
  return extents.groups * most_chunks_of(length, sequences) * cut.shared + cut.own;
}

void ssm_scan(Rows<const float> x, Rows<const float> b, Rows<const float> c, Rows<const float> dt,
              std::span<const float> decay, std::span<const float> d_skip, const SsmExtents& extents,
              std::span<const std::int64_t> cu_seq_lens, float* state, Rows<float> y, float* scratch,
              const Threads& threads) {
  const SsmPanels panels(extents.head_dim, extents.state);
  const Cut cut(panels);
  const std::size_t heads_per_group = extents.heads / extents.groups;
  const std::size_t sequences = cu_seq_lens.empty() ? 1 : cu_seq_lens.size() - 1;
  float* all_own = scratch + extents.groups * most_chunks_of(x.count, sequences) * cut.shared;
  Chunks rest(x.count, cu_seq_lens);
  while (!rest.done()) {
    std::array<Chunk, block_chunks> block;
    std::size_t chunks = 0;
    while (chunks < block_chunks && !rest.done()) block[chunks++] = rest.next();
    threads.run([&](std::size_t part) {
      const Range items = part_of(extents.groups * chunks, threads.count(), part);
      for (std::size_t item = items.first; item < items.last; ++item) {
        const std::size_t column = item / chunks * extents.state;
        const Chunk& chunk = block[item % chunks];
        pack_group(panels, cut, b.columns(column, extents.state).part(chunk.first, chunk.count),
                   c.columns(column, extents.state).part(chunk.first, chunk.count), scratch + item * cut.shared,
                   all_own + part * cut.own);
      }
    });
    threads.run([&](std::size_t part) {
      float* packed = all_own + part * cut.own;
      const Range heads = part_of(extents.heads, threads.count(), part);
      for (std::size_t head = heads.first; head < heads.last; ++head) {
        const auto x_of = [&](std::size_t of_head, const Chunk& chunk) {
          return x.columns(of_head * extents.head_dim, extents.head_dim).part(chunk.first, chunk.count);
        };
        float* head_state = state + head * extents.head_dim * extents.state;
        pack_state(panels, head_state, packed);
        for (std::size_t i = 0; i < chunks; ++i) {
          const float* shared = scratch + (head / heads_per_group * chunks + i) * cut.shared;
          const Chunk& chunk = block[i];
          if (chunk.begins) std::fill_n(packed, panels.state_floats(), 0.0F);
          ssm_chunk(panels, {shared, shared + cut.c, shared + cut.c + cut.b},
                    {x_of(head, chunk), dt.columns(head, 1).part(chunk.first, chunk.count), decay[head], d_skip[head],
                     packed, y.columns(head * extents.head_dim, extents.head_dim).part(chunk.first, chunk.count),
                     i + 1 < chunks          ? x_of(head, block[i + 1])
                     : head + 1 < heads.last ? x_of(head + 1, block[0])
                                             : Rows<const float>{}},
                    packed + cut.state);
        }
        unpack_state(panels, packed, head_state);
      }
    });
  }
}

}  // namespace assay::optimized
