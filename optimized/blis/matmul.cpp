// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blis/matmul.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <new>

#include "optimized/blis/gemv.hpp"
#include "optimized/blis/microkernel.hpp"
#include "optimized/ops/activation.hpp"
#include "optimized/ops/transpose4.hpp"

namespace assay::optimized::blis {
namespace {

// Sizes that were measured, see docs/performance.md.
/// Tokens that go through a group of panels together: their packed rows stay in the second- or third-level cache.
constexpr std::size_t block_tokens = 144;
/// Inputs of one call of the microkernel: a panel of so many stays in the first-level cache.
constexpr std::size_t block_inputs = 128;
/// Panels whose results are collected before they are written out.
constexpr std::size_t group_panels = 8;
constexpr std::size_t line_bytes = 64;
/// Pieces of work a thread: many, so that the last one is short, and few, so that tokens are not packed for each anew.
constexpr std::size_t pieces_each = 8;

std::size_t rounded_up(std::size_t value, std::size_t multiple) { return (value + multiple - 1) / multiple * multiple; }
std::size_t parts_of_at_most(std::size_t count, std::size_t limit) { return (count + limit - 1) / limit; }

/// The tokens that a thread has packed last: its next piece often reads the same.
struct alignas(line_bytes) Packed {
  const MatmulTask* task = nullptr;
  std::size_t first_token = 0;
};

/// Where each buffer of a thread begins, in floats.
struct Layout {
  std::size_t tokens;
  std::size_t tile;
  std::size_t widened;
  std::size_t total;

  Layout(std::size_t most_inputs, std::size_t most_tokens) {
    const Microkernel& kernel = microkernel();
    const std::size_t block =
        std::max(rounded_up(std::min(most_tokens, block_tokens), kernel.narrow()), gemv_max_tokens);
    tokens = sizeof(Packed) / sizeof(float);
    tile = tokens + rounded_up(block * most_inputs, 16);
    widened = tile + rounded_up(block * group_panels * kernel.wide(), 16);
    total = widened + rounded_up(block_inputs * kernel.wide(), 16);
  }
};

/// Some panels of a task for some of its tokens: what one thread does at a time.
struct Piece {
  const MatmulTask& task;
  Range tokens;
  Range panels;
};

const float* row_of(const MatmulTask& task, std::size_t token) {
  return task.x[task.gather == nullptr ? token : task.gather[token]];
}

/// Panels first to last - 1 to where they belong; `tile` is [panels, rows, wide].
void write_out(const Piece& piece, std::size_t first, std::size_t last, const float* tile, std::size_t rows) {
  const MatmulTask& task = piece.task;
  const std::size_t wide = microkernel().wide();
  const std::size_t tokens = piece.tokens.count();
  const Rows<float> y = task.y.part(piece.tokens.first, tokens);
  const auto of_panel = [&](std::size_t panel) { return tile + (panel - first) * rows * wide; };
  if (task.weight->gated()) {
    for (std::size_t panel = first; panel < last; panel += 2) {
      const PanelOutputs& outputs = task.weight->outputs(panel);
      activate_and_multiply(*task.act, Rows<const float>{of_panel(panel), tokens, outputs.count, wide},
                            Rows<const float>{of_panel(panel + 1), tokens, outputs.count, wide},
                            y.columns(outputs.first, outputs.count));
    }
    return;
  }
  // Row by row, so that neighbouring panels fill whole stretches of a row of the result.
  for (std::size_t token = 0; token < tokens; ++token) {
    for (std::size_t panel = first; panel < last; ++panel) {
      const PanelOutputs& outputs = task.weight->outputs(panel);
      const float* from = of_panel(panel) + token * wide;
      float* to = y[token] + outputs.first;
      if (task.bias == nullptr && task.divisor == 1.0F) {
        std::memcpy(to, from, outputs.count * sizeof(float));
        continue;
      }
      for (std::size_t i = 0; i < outputs.count; ++i) {
        to[i] = from[i] / task.divisor + (task.bias == nullptr ? 0.0F : task.bias[outputs.first + i]);
      }
    }
  }
}

/// Few tokens: a panel is read once, straight from where it was packed.
void multiply_few(const Piece& piece, float* tile) {
  const PackedMatrix& weight = *piece.task.weight;
  const std::size_t wide = microkernel().wide();
  std::array<const float*, gemv_max_tokens> x{};
  const std::size_t tokens = piece.tokens.count();
  for (std::size_t t = 0; t < tokens; ++t) x[t] = row_of(piece.task, piece.tokens.first + t);
  const std::size_t step = weight.gated() ? 2 : 1;
  for (std::size_t first = piece.panels.first; first < piece.panels.last; first += step) {
    for (std::size_t half = 0; half < step; ++half) {
      float* y = tile + half * tokens * wide;
      const std::byte* panel = weight.panel(first + half);
      if (weight.storage() == WeightStorage::f32) {
        gemv_panel(reinterpret_cast<const float*>(panel), weight.inputs(), wide, x.data(), tokens, y);
      } else {
        gemv_panel(reinterpret_cast<const std::uint16_t*>(panel), weight.inputs(), wide, x.data(), tokens, y);
      }
    }
    write_out(piece, first, first + step, tile, tokens);
  }
}

/// [tokens, inputs] as panels of `narrow` tokens, [inputs, narrow] each; tokens beyond the last are zero.
void pack_tokens(const Piece& piece, float* packed) {
  const std::size_t narrow = microkernel().narrow();
  const std::size_t inputs = piece.task.weight->inputs();
  const std::size_t tokens = piece.tokens.count();
  for (std::size_t first = 0; first < tokens; first += narrow, packed += inputs * narrow) {
    const std::size_t count = std::min(narrow, tokens - first);
    const auto row = [&](std::size_t t) { return row_of(piece.task, piece.tokens.first + first + t); };
    std::size_t done = 0;
    // By squares of four, the last of which may overlap the one before.
    while (count >= 4 && done < count) {
      const std::size_t t = std::min(done, count - 4);
      interleave_four({row(t), row(t + 1), row(t + 2), row(t + 3)}, inputs, packed + t, narrow);
      done = t + 4;
    }
    for (; done < count; ++done) {
      const float* values = row(done);
      for (std::size_t k = 0; k < inputs; ++k) packed[k * narrow + done] = values[k];
    }
    for (; done < narrow; ++done) {
      for (std::size_t k = 0; k < inputs; ++k) packed[k * narrow + done] = 0.0F;
    }
  }
}

/// Inputs first to last - 1 of a panel as float32: in place, or widened into `buffer`.
const float* panel_inputs(const PackedMatrix& weight, std::size_t panel, Range inputs, float* buffer) {
  const std::byte* stored = weight.panel(panel, inputs.first);
  if (weight.storage() == WeightStorage::f32) return reinterpret_cast<const float*>(stored);
  widen_bf16(reinterpret_cast<const std::uint16_t*>(stored), inputs.count() * microkernel().wide(), buffer);
  return buffer;
}

void multiply_many(const Piece& piece, const Layout& layout, float* buffers) {
  const Microkernel& kernel = microkernel();
  const PackedMatrix& weight = *piece.task.weight;
  const std::size_t narrow = kernel.narrow();
  const std::size_t wide = kernel.wide();
  const std::size_t inputs = weight.inputs();
  const float* packed = buffers + layout.tokens;
  float* tile = buffers + layout.tile;
  const std::size_t token_panels = parts_of_at_most(piece.tokens.count(), narrow);
  const std::size_t rows = token_panels * narrow;
  const std::size_t input_blocks = parts_of_at_most(inputs, block_inputs);
  for (std::size_t first = piece.panels.first; first < piece.panels.last; first += group_panels) {
    const std::size_t last = std::min(first + group_panels, piece.panels.last);
    for (std::size_t panel = first; panel < last; ++panel) {
      // All inputs of a panel one block after the other: its results stay in the first-level cache.
      float* results = tile + (panel - first) * rows * wide;
      for (std::size_t block = 0; block < input_blocks; ++block) {
        const Range range = part_of(inputs, input_blocks, block);
        const float* weights = panel_inputs(weight, panel, range, buffers + layout.widened);
        const std::size_t bytes = range.count() * wide * size_bytes(weight.storage());
        const std::byte* next = weight.panel(panel, range.first) + bytes;
        for (std::size_t t = 0; t < token_panels; ++t) {
          // The block of weights behind this one is fetched while this one is used.
          const Range part = part_of(bytes, token_panels, t);
          for (std::size_t at = part.first; at < part.last; at += line_bytes) __builtin_prefetch(next + at, 0, 2);
          kernel(range.count(), packed + (t * inputs + range.first) * narrow, weights, block == 0 ? 0.0F : 1.0F,
                 results + t * narrow * wide, wide);
        }
      }
    }
    write_out(piece, first, last, tile, rows);
  }
}

/// Calls work(Piece) for the pieces of part `part`: all tasks, blocks of tokens and panels lie in a row, each as long
/// as its arithmetic, and the row is cut into equal parts.
template <class Work>
void for_each_piece(std::span<const MatmulTask> tasks, std::size_t parts, std::size_t part, const Work& work) {
  const std::size_t narrow = microkernel().narrow();
  const auto panel_cost = [&](const MatmulTask& task, std::size_t tokens) {
    const std::size_t rows = tokens <= gemv_max_tokens ? narrow / 2 + 1 : rounded_up(tokens, narrow);
    return rows * task.weight->inputs();
  };
  const auto blocks_of = [&](const MatmulTask& task) { return parts_of_at_most(task.y.count, block_tokens); };
  const auto block_of = [&](const MatmulTask& task, std::size_t block) {
    // Whole panels of tokens, so that only the last block of a task has an unfilled one.
    const std::size_t panels = parts_of_at_most(task.y.count, narrow);
    const Range range = part_of(panels, blocks_of(task), block);
    return Range{range.first * narrow, std::min(range.last * narrow, task.y.count)};
  };
  std::size_t total = 0;
  for (const MatmulTask& task : tasks) {
    for (std::size_t block = 0; block < blocks_of(task); ++block) {
      total += task.weight->panels() * panel_cost(task, block_of(task, block).count());
    }
  }
  const std::size_t begin = total * part / parts;
  const std::size_t end = total * (part + 1) / parts;
  std::size_t before = 0;
  for (const MatmulTask& task : tasks) {
    const std::size_t step = task.weight->gated() ? 2 : 1;
    for (std::size_t block = 0; block < blocks_of(task); ++block) {
      const Range tokens = block_of(task, block);
      const std::size_t cost = step * panel_cost(task, tokens.count());
      const std::size_t units = task.weight->panels() / step;
      // A unit belongs to the part in which it begins.
      const auto first_unit_at = [&](std::size_t place) {
        return place <= before ? 0 : std::min(units, parts_of_at_most(place - before, cost));
      };
      const Range own{first_unit_at(begin), first_unit_at(end)};
      if (own.count() > 0) work(Piece{task, tokens, {own.first * step, own.last * step}});
      before += units * cost;
    }
  }
}

}  // namespace

std::size_t matmul_scratch(std::size_t inputs, std::size_t tokens, const Threads& threads) {
  return threads.count() * Layout(inputs, tokens).total;
}

void matmul(std::span<const MatmulTask> tasks, float* scratch, const Threads& threads) {
  std::size_t inputs = 0;
  std::size_t tokens = 0;
  for (const MatmulTask& task : tasks) {
    assert(task.weight->gated() == (task.act != nullptr) && "a gated matrix has an activation, no other has");
    inputs = std::max(inputs, task.weight->inputs());
    tokens = std::max(tokens, task.y.count);
  }
  const Layout layout(inputs, tokens);
  const auto own = [&](std::size_t part) { return scratch + part * layout.total; };
  for (std::size_t part = 0; part < threads.count(); ++part) new (own(part)) Packed();
  threads.share(pieces_each, [&](std::size_t part, std::size_t place) {
    float* const buffers = own(part);
    Packed& packed = *std::launder(reinterpret_cast<Packed*>(buffers));
    for_each_piece(tasks, threads.count() * pieces_each, place, [&](const Piece& piece) {
      if (piece.tokens.count() <= gemv_max_tokens) {
        multiply_few(piece, buffers + layout.tile);
        return;
      }
      if (packed.task != &piece.task || packed.first_token != piece.tokens.first) {
        pack_tokens(piece, buffers + layout.tokens);
        packed = {&piece.task, piece.tokens.first};
      }
      multiply_many(piece, layout, buffers);
    });
  });
}

}  // namespace assay::optimized::blis
