// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What the four models have in common as engines: threads, memory, checks, the cache, the embeddings, the order of the
// layers, the head.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

#include "model/config/manifest.hpp"
#include "model/engine.hpp"
#include "optimized/blis/weight_packer.hpp"
#include "optimized/blocks/attention.hpp"
#include "optimized/blocks/call_context.hpp"
#include "optimized/blocks/mamba2.hpp"
#include "optimized/blocks/output_head.hpp"
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

/// What a model computes before its first layer and after its last.
struct ModelEnds {
  float embedding_multiplier = 1.0F;
  LmHeadOptions lm_head;
};

class PackedEngine : public Engine {
 public:
  [[nodiscard]] std::string_view engine_name() const final { return "optimized"; }
  [[nodiscard]] Precision precision() const final { return Precision::f32; }
  [[nodiscard]] bool provides(Site site) const final;
  [[nodiscard]] EngineMemory memory() final;
  void reserve(std::size_t batch, std::size_t tokens, std::size_t cache_tokens) final;
  void reset() final;
  SiteValue forward(const Call& call, const Probe& probe) final;

 protected:
  /// What mixes tokens in a layer.
  using Mixer = std::variant<Attention*, Mamba2*>;

  PackedEngine(const Config& config, const Weights& weights, const EngineOptions& options);

  /// Where constructors announce their matrices.
  [[nodiscard]] blis::WeightPacker& packer() { return packer_; }
  /// Packs them, and the head; the last line of each model's constructor.
  void pack(const Weights& weights, const ModelEnds& ends);

  /// What a rotary embedding remembers of longer sequences. Nothing by default.
  virtual void forget_lengths() {}
  [[nodiscard]] virtual Mixer mixer(std::size_t layer) = 0;
  /// Takes from `memory` what the layers take, one after the other.
  virtual void plan_layers(const CallExtents& extents, const Threads& threads, Slices& memory) const = 0;

  // The forward pass: the embeddings are in stream.x, begin, every layer, final_norm, the head.

  /// Masks and rotary table.
  virtual void begin(const Call& call, const Past& past, const CallTables& tables, CallContext& context,
                     const Show& show) = 0;
  /// Takes stream.x from the layer's input to its output.
  virtual void compute_layer(std::size_t layer, const Stream& stream, CallContext& context, const Show& show) = 0;
  virtual void final_norm(Rows<const float> x, Rows<float> normed, const Threads& threads) const = 0;

 private:
  struct Buffers {
    Stream stream;
    CallTables tables;
    float* matmul_scratch;
  };

  void empty_cache();
  [[nodiscard]] Buffers take(const CallExtents& extents, Slices& memory) const;
  [[nodiscard]] std::size_t needed_bytes(const CallExtents& extents) const;
  template <class Visitor>
  void for_each_mixer(const Visitor& visit);
  void load_cache(const PastKeyValues& past, std::size_t length);
  void compute(const Call& call, const Past& past, const Buffers& buffers, CallContext& context, const Show& show);

  Config config_;
  std::size_t head_dim_;
  Threads threads_;
  blis::WeightPacker packer_;
  Workspace workspace_;
  ShowBuffer show_buffer_;
  Past past_;
  const StoredTensor& embed_tokens_;
  float embedding_multiplier_ = 1.0F;
  std::optional<OutputHead> head_;
};

/// Bytes of key-value cache that all attention layers of a config take.
[[nodiscard]] double cache_bytes(const Config& config, std::size_t batch, std::size_t cache_tokens);

}  // namespace assay::optimized
