// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blis/weight_packer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>

#include "model/error.hpp"
#include "model/files/mapped_file.hpp"
#include "optimized/blis/microkernel.hpp"

namespace assay::optimized::blis {
namespace {

/// A page costs memory when a panel is written to it, but address space may be limited, too.
constexpr double least_block_bytes = 1 << 16;
constexpr double most_block_bytes = 1 << 30;
constexpr std::size_t line_bytes = 64;
/// Source rows are read so many inputs at a time, so that the tile of a panel stays in the first-level cache.
constexpr std::size_t tile_inputs = 64;
/// Mapped pages are dropped after about so many bytes: a system call for each panel would cost more than it frees.
constexpr std::size_t drop_bytes = std::size_t{8} << 20;

template <class Stored>
Stored load(const std::byte* bytes, std::size_t index) {
  Stored value;
  std::memcpy(&value, bytes + index * sizeof(Stored), sizeof(Stored));
  return value;
}

float widened(const std::byte* bytes, std::size_t index, DType dtype) {
  switch (dtype) {
    case DType::f64:
      return static_cast<float>(load<double>(bytes, index));
    case DType::f32:
      return load<float>(bytes, index);
    case DType::f16:
      return widen_f16(load<std::uint16_t>(bytes, index));
    case DType::bf16:
      return widen_bf16(load<std::uint16_t>(bytes, index));
    case DType::i64:
    case DType::i32:
    case DType::u8:
      break;
  }
  assert(false && "the manifest admits floating point only");
  return 0.0F;
}

std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// panel[k, r] = rows[r, k] for `rows` rows; the panel is all zero before.
template <class Packed, class Read>
void transpose(std::size_t rows, std::size_t inputs, std::size_t wide, Packed* panel, const Read& read) {
  for (std::size_t first = 0; first < inputs; first += tile_inputs) {
    const std::size_t last = std::min(inputs, first + tile_inputs);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t k = first; k < last; ++k) panel[k * wide + row] = read(row * inputs + k);
    }
  }
}

}  // namespace

StoredRows all_rows(const StoredTensor& tensor, std::string name) {
  return {&tensor, 0, elements(tensor.shape) / tensor.shape.back(), std::move(name)};
}

WeightPacker::WeightPacker(WeightStorage storage, double expected_bytes)
    : storage_(storage),
      block_bytes_(static_cast<std::size_t>(std::clamp(expected_bytes, least_block_bytes, most_block_bytes))) {}

std::byte* WeightPacker::allocate(std::size_t bytes) {
  const std::size_t padded = (bytes + line_bytes - 1) / line_bytes * line_bytes;
  if (blocks_.empty() || blocks_.back().bytes().size() - used_of_block_ < padded) {
    blocks_.emplace_back(std::max(block_bytes_, padded));
    used_of_block_ = 0;
  }
  std::byte* start = blocks_.back().bytes().data() + used_of_block_;
  used_of_block_ += padded;
  bytes_ += padded;
  return start;
}

void WeightPacker::add_job(std::size_t source, std::size_t panel_of_part, std::byte* panel) {
  const std::size_t wide = microkernel().wide();
  const std::size_t first = panel_of_part * wide;
  jobs_.push_back({source, sources_[source].first + first, std::min(wide, sources_[source].count - first), panel});
}

PackedMatrix WeightPacker::add(const std::vector<StoredRows>& parts) {
  const std::size_t wide = microkernel().wide();
  const std::size_t inputs = parts.front().tensor->shape.back();
  widest_input_ = std::max(widest_input_, inputs);
  std::vector<PanelOutputs> outputs;
  std::size_t column = 0;
  for (const StoredRows& part : parts) {
    for (std::size_t row = 0; row < part.count; row += wide) {
      const std::size_t count = std::min(wide, part.count - row);
      outputs.push_back({column, count});
      column += count;
    }
  }
  const std::size_t panel_bytes = inputs * wide * size_bytes(storage_);
  std::byte* data = allocate(outputs.size() * panel_bytes);
  std::byte* panel = data;
  for (const StoredRows& part : parts) {
    sources_.push_back(part);
    for (std::size_t index = 0; index * wide < part.count; ++index, panel += panel_bytes) {
      add_job(sources_.size() - 1, index, panel);
    }
  }
  return {data, storage_, inputs, wide, std::move(outputs), false};
}

PackedMatrix WeightPacker::add_gated(const StoredRows& gate, const StoredRows& up) {
  assert(gate.count == up.count && "gate and up have the same outputs");
  const std::size_t wide = microkernel().wide();
  const std::size_t inputs = gate.tensor->shape.back();
  widest_input_ = std::max(widest_input_, inputs);
  std::vector<PanelOutputs> outputs;
  for (std::size_t row = 0; row < gate.count; row += wide) {
    const std::size_t count = std::min(wide, gate.count - row);
    outputs.insert(outputs.end(), 2, {row, count});
  }
  const std::size_t panel_bytes = inputs * wide * size_bytes(storage_);
  std::byte* data = allocate(outputs.size() * panel_bytes);
  sources_.push_back(gate);
  sources_.push_back(up);
  // All of the gate first: neighbours in the job list read neighbouring rows.
  for (std::size_t half = 0; half < 2; ++half) {
    for (std::size_t index = 0; index * wide < gate.count; ++index) {
      add_job(sources_.size() - 2 + half, index, data + (2 * index + half) * panel_bytes);
    }
  }
  return {data, storage_, inputs, wide, std::move(outputs), true};
}

void WeightPacker::pack_panel(Job& job) const {
  const StoredTensor& tensor = *sources_[job.source].tensor;
  const std::size_t wide = microkernel().wide();
  const std::size_t inputs = tensor.shape.back();
  const std::byte* rows = tensor.bytes.data() + job.first_row * inputs * size_bytes(tensor.dtype);
  if (storage_ == WeightStorage::f32) {
    auto* panel = reinterpret_cast<float*>(job.panel);
    if (tensor.dtype == DType::bf16) {
      // The published dtype, without a switch in the loop.
      transpose(job.rows, inputs, wide, panel, [&](std::size_t i) { return widen_bf16(load<std::uint16_t>(rows, i)); });
    } else {
      transpose(job.rows, inputs, wide, panel, [&](std::size_t i) { return widened(rows, i, tensor.dtype); });
    }
    return;
  }
  auto* panel = reinterpret_cast<std::uint16_t*>(job.panel);
  if (tensor.dtype == DType::bf16) {
    transpose(job.rows, inputs, wide, panel, [&](std::size_t i) { return load<std::uint16_t>(rows, i); });
    return;
  }
  bool exact = tensor.dtype != DType::f64;
  transpose(job.rows, inputs, wide, panel, [&](std::size_t i) {
    const std::uint32_t bits = bits_of(widened(rows, i, tensor.dtype));
    exact = exact && (bits & 0xFFFFU) == 0;
    return static_cast<std::uint16_t>(bits >> 16U);
  });
  job.exact = exact;
}

void WeightPacker::pack(const Threads& threads) {
  threads.run([&](std::size_t part) {
    const Range range = part_of(jobs_.size(), threads.count(), part);
    const std::byte* first = nullptr;
    const std::byte* last = nullptr;
    const auto drop = [&] {
      if (first != nullptr) drop_pages({first, last});
      first = nullptr;
    };
    for (std::size_t index = range.first; index < range.last; ++index) {
      Job& job = jobs_[index];
      pack_panel(job);
      const StoredTensor& tensor = *sources_[job.source].tensor;
      if (!tensor.mapped) continue;
      const std::size_t row_bytes = tensor.shape.back() * size_bytes(tensor.dtype);
      const std::byte* rows = tensor.bytes.data() + job.first_row * row_bytes;
      if (first != nullptr && (rows != last || last >= first + drop_bytes)) drop();
      if (first == nullptr) first = rows;
      last = rows + job.rows * row_bytes;
    }
    drop();
  });
  for (const Job& job : jobs_) {
    if (job.exact) continue;
    const StoredRows& source = sources_[job.source];
    throw Error(fmt::format("{}: expected weights that bfloat16 holds exactly, found {} that it would round ({})",
                            source.name, name(source.tensor->dtype), source.tensor->file));
  }
  jobs_.clear();
  sources_.clear();
}

}  // namespace assay::optimized::blis
