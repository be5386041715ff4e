// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/synthetic/random_weights.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <span>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bench/machine/available_memory.hpp"
#include "bench/synthetic/splitmix.hpp"
#include "model/config/manifest.hpp"
#include "model/error.hpp"

namespace assay::bench {
namespace {

struct Range {
  float low = 0;
  float high = 0;
};

/// Vectors, whose names end like this: norms near 1, time steps of 0.05 to 1, decay rates of 1 to 7; biases and
/// whatever else an activation has are small.
constexpr std::array<std::pair<std::string_view, Range>, 5> vector_ranges{{
    {"norm.weight", {0.5F, 1.5F}},
    {"dt_bias", {-3.0F, 0.5F}},
    {"A_log", {0.0F, 2.0F}},
    {"mamba.D", {0.5F, 1.5F}},
    {"act_fn.weight", {0.1F, 0.4F}},
}};

/// A router's logits must lie apart, or rounding decides between experts.
constexpr float router_gain = 2.5F;

Range range_of(const Config& config, const ExpectedTensor& tensor) {
  for (const auto& [ending, range] : vector_ranges) {
    if (tensor.name.ends_with(ending)) return range;
  }
  if (tensor.shape.size() < 2) return {-0.3F, 0.3F};
  float deviation = 1.0F / std::sqrt(static_cast<float>(tensor.shape.back()));
  if (tensor.name.ends_with("router.layer.weight") || tensor.name.ends_with("gate.weight")) deviation *= router_gain;
  if (tensor.name.ends_with("embed_tokens.weight")) {
    deviation = std::visit(
        [](const auto& alternative) {
          if constexpr (requires { alternative.embedding_multiplier; }) {
            return 1.0F / static_cast<float>(alternative.embedding_multiplier);
          } else {
            return 1.0F;
          }
        },
        config);
  }
  const float half_width = std::sqrt(3.0F) * deviation;  // of a uniform distribution
  return {-half_width, half_width};
}

constexpr std::size_t levels = 65536;

/// Every element from its own number, so that threads need no order: 16 bits choose one of equidistant
/// values, four times out of a number of 64.
template <class Element>
void fill(std::span<Element> elements, const std::vector<Element>& table, std::uint64_t seed, std::size_t first) {
  constexpr std::size_t together = 4;
  for (std::size_t i = 0; i < elements.size(); i += together) {
    std::uint64_t bits = mixed(seed + (first + i) / together);
    for (std::size_t j = i; j < std::min(i + together, elements.size()); ++j) {
      elements[j] = table[bits % levels];
      bits /= levels;
    }
  }
}

template <class Element>
std::vector<Element> table_of(Range range) {
  std::vector<Element> table(levels);
  for (std::size_t i = 0; i < levels; ++i) {
    const float value =
        range.low + (range.high - range.low) * (static_cast<float>(i) + 0.5F) / static_cast<float>(levels);
    if constexpr (sizeof(Element) == sizeof(float)) {
      table[i] = value;
    } else {
      table[i] = static_cast<Element>(std::bit_cast<std::uint32_t>(rounded_to_bf16(value)) >> 16U);
    }
  }
  return table;
}

/// Pieces of a tensor, so that one large tensor keeps all threads busy. A multiple of what `fill` takes together.
constexpr std::size_t piece_elements = std::size_t{1} << 20U;

struct Piece {
  std::byte* bytes;
  std::size_t first;
  std::size_t count;
  std::size_t tensor;
};

template <class Element>
void fill_piece(const Piece& piece, Range range, std::uint64_t seed) {
  fill(std::span(reinterpret_cast<Element*>(piece.bytes) + piece.first, piece.count), table_of<Element>(range), seed,
       piece.first);
}

double gibibytes(std::size_t bytes) { return static_cast<double>(bytes) / (1024.0 * 1024.0 * 1024.0); }

}  // namespace

/// Anonymous pages, taken and given back whole.
struct RandomWeights::Memory {
  explicit Memory(std::size_t count) : bytes(count) {
    start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) {
      throw Error(fmt::format("random weights: expected {:.2f} GiB of memory, found that the system gives none",
                              gibibytes(bytes)));
    }
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { munmap(start, bytes); }

  void* start = nullptr;
  std::size_t bytes = 0;
};

RandomWeights::RandomWeights(const Config& config, DType dtype, std::uint64_t seed, std::size_t threads) {
  constexpr std::size_t alignment = 64;
  const std::vector<ExpectedTensor> wanted = manifest(config);
  std::vector<std::size_t> places;
  for (const ExpectedTensor& tensor : wanted) {
    places.push_back(bytes_);
    bytes_ += (elements(tensor.shape) * size_bytes(dtype) + alignment - 1) / alignment * alignment;
  }
  if (bytes_ > available_bytes()) {
    throw Error(
        fmt::format("random weights: expected {:.2f} GiB of memory, found {:.2f} GiB available; take fewer --layers{}",
                    gibibytes(bytes_), gibibytes(available_bytes()), dtype == DType::f32 ? ", or --dtype bf16" : ""));
  }
  memory_ = std::make_unique<Memory>(bytes_);
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto* const bytes = static_cast<std::byte*>(memory_->start) + places[i];
    const std::size_t count = elements(wanted[i].shape);
    tensors_[wanted[i].name] = {dtype, wanted[i].shape, {bytes, count * size_bytes(dtype)}, where_, false};
    for (std::size_t first = 0; first < count; first += piece_elements) {
      pieces.push_back({bytes, first, std::min(piece_elements, count - first), i});
    }
  }
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < pieces.size(); i = next++) {
      const Piece& piece = pieces[i];
      const Range range = range_of(config, wanted[piece.tensor]);
      // No two tensors share a stretch of the sequence.
      const std::uint64_t own = mixed(seed ^ mixed(piece.tensor));
      dtype == DType::bf16 ? fill_piece<std::uint16_t>(piece, range, own) : fill_piece<float>(piece, range, own);
    }
  };
  std::vector<std::jthread> workers;
  for (std::size_t i = 1; i < threads; ++i) workers.emplace_back(work);
  work();
}

RandomWeights::~RandomWeights() = default;

}  // namespace assay::bench
