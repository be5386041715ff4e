// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the four models have in common as engines: threads, memory, checks, the length of the past, the logits.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "model/config/manifest.hpp"
#include "model/engine.hpp"
#include "optimized/blis/weight_packer.hpp"
#include "optimized/blocks/call_context.hpp"
#include "optimized/engine.hpp"
#include "optimized/threads.hpp"
#include "optimized/workspace.hpp"

namespace assay::optimized {

/// The values that flow past all layers.
struct Stream {
  Rows<float> x;       // [B * L, D]: the residual stream
  Rows<float> normed;  // [B * L, D]
  Rows<float> branch;  // [B * L, D]
  Rows<float> second;  // [B * L, D]: of two branches that are summed
};

/// lm_head: logits = y W^T / divisor + bias.
struct LmHead {
  blis::PackedMatrix weight;
  std::vector<float> bias;
  float divisor = 1.0F;
};

class PackedEngine : public Engine {
 public:
  [[nodiscard]] std::string_view engine_name() const final { return "optimized"; }
  [[nodiscard]] Precision precision() const final { return Precision::f32; }
  [[nodiscard]] bool provides(Site site) const final;
  [[nodiscard]] std::size_t weight_bytes() const final { return packer_.bytes(); }
  void reserve(std::size_t batch, std::size_t tokens, std::size_t cache_tokens) final;
  void reset() final;
  SiteValue forward(const Call& call, const Probe& probe) final;

 protected:
  PackedEngine(const Config& config, const EngineOptions& options);

  /// Where constructors announce their matrices; packed by the last line of each model's constructor.
  [[nodiscard]] blis::WeightPacker& packer() { return packer_; }
  void pack() { packer_.pack(threads_); }

  virtual void clear_cache() = 0;
  /// What a rotary embedding remembers of longer sequences. Nothing by default.
  virtual void forget_lengths() {}
  /// Makes room in the layers' caches.
  virtual void reserve_cache(std::size_t batch, std::size_t tokens, std::size_t cache_tokens) = 0;
  /// Takes from `memory` what the layers take, one after the other.
  virtual void plan_layers(const CallExtents& extents, const Threads& threads, Slices& memory) const = 0;
  /// From the embeddings to the final norm, which it leaves in stream.normed.
  virtual void compute(const Call& call, const Past& past, const CallTables& tables, Stream& stream,
                       CallContext& context, const Show& show) = 0;
  [[nodiscard]] virtual const LmHead& lm_head() const = 0;

 private:
  struct Buffers {
    Stream stream;
    CallTables tables;
    float* matmul_scratch;
    Rows<float> logits;         // [B * kept, V]
    std::uint32_t* logit_rows;  // [B * kept]: their tokens
  };

  void empty_cache();
  [[nodiscard]] Buffers take(const CallExtents& extents, Slices& memory) const;
  [[nodiscard]] std::size_t needed_bytes(const CallExtents& extents) const;
  void compute_logits(const Buffers& buffers, CallContext& context, const Show& show) const;

  Config config_;
  std::size_t head_dim_;
  Threads threads_;
  blis::WeightPacker packer_;
  Workspace workspace_;
  Past past_;
};

/// Bytes of key-value cache that all attention layers of a config take.
[[nodiscard]] double cache_bytes(const Config& config, std::size_t batch, std::size_t cache_tokens);

}  // namespace assay::optimized
