// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/models.hpp"

#include <array>
#include <map>
#include <string>
#include <variant>

#include "bench/micro/values.hpp"
#include "bench/throughput/workload.hpp"
#include "model/published/shapes.hpp"

namespace assay::bench::micro {
namespace {

constexpr std::uint64_t weights_seed = 7;
constexpr std::size_t fill_threads = 2;  // their number changes no value

template <std::size_t Rank>
Tensor<float, Rank> random_tensor(const std::array<std::size_t, Rank>& extents, std::uint64_t seed) {
  Tensor<float, Rank> tensor(extents);
  fill(tensor.view().flat(), seed);
  return tensor;
}

}  // namespace

Config published(std::string_view name, std::size_t layers) {
  Config config = parse_config(published_config(name, layers, DType::bf16), std::string(name));
  std::visit([](auto& alternative) { alternative.vocab_size = 256; }, config);
  return config;
}

Config published_without_experts(std::string_view name, std::size_t layers) {
  Config config = published(name, layers);
  std::visit([](auto& alternative) { alternative.intermediate_size = 16; }, config);
  return config;
}

GraniteMoeHybridConfig small_model() {
  auto config = std::get<GraniteMoeHybridConfig>(published("granite-4.0-h-tiny", 2));
  config.vocab_size = 2048;
  config.hidden_size = 512;
  config.intermediate_size = 256;
  config.num_local_experts = 8;
  config.num_experts_per_tok = 2;
  config.shared_intermediate_size = 512;
  config.num_attention_heads = 8;
  config.num_key_value_heads = 4;
  config.mamba_n_heads = 32;
  config.mamba_d_head = 32;
  config.pad_token_id.reset();
  config.bos_token_id.reset();
  config.eos_token_id.clear();
  return config;
}

CostedCall costed_call(std::size_t length, std::size_t past, std::size_t weight_bytes) {
  CostedCall call;
  call.length = length;
  call.past = past;
  call.weight_bytes = weight_bytes;
  return call;
}

Cost block_cost(const Config& config, const CostedCall& call, std::size_t layer, std::initializer_list<Group> groups) {
  const std::map<Place, Cost> all = costs(config, call);
  Cost sum;
  for (const Group group : groups) {
    if (const auto found = all.find({LayerIndex{layer}, group}); found != all.end()) sum += found->second;
  }
  return sum;
}

ModelWeights::ModelWeights(const Config& config)
    : source(config, DType::bf16, weights_seed, fill_threads), weights(resolve_weights(config, source)) {}

PastKeyValues random_past(const Config& config, std::size_t tokens) {
  const TransformerConfig& base = common(config);
  const std::size_t head_dim = base.head_dim.value_or(base.hidden_size / base.num_attention_heads);
  PastKeyValues past;
  past.tokens = tokens;
  for (std::size_t layer = 0; layer < base.num_hidden_layers; ++layer) {
    LayerPast& own = past.layers.emplace_back();
    if (mixing_of(config, LayerIndex{layer}) == Mixing::attention) {
      const std::array<std::size_t, 4> extents{1, base.num_key_value_heads, tokens, head_dim};
      own.keys = random_tensor(extents, 4 * layer);
      own.values = random_tensor(extents, 4 * layer + 1);
      continue;
    }
    const auto& hybrid = std::get<GraniteMoeHybridConfig>(config);
    const std::size_t inner = hybrid.mamba_n_heads * hybrid.mamba_d_head;
    const std::size_t channels = inner + 2 * hybrid.mamba_n_groups * hybrid.mamba_d_state;
    own.conv_state = random_tensor<3>({1, channels, hybrid.mamba_d_conv}, 4 * layer + 2);
    own.ssm_state =
        random_tensor<4>({1, hybrid.mamba_n_heads, hybrid.mamba_d_head, hybrid.mamba_d_state}, 4 * layer + 3);
  }
  return past;
}

std::vector<std::int64_t> random_ids(std::size_t tokens, std::size_t vocab_size) {
  std::vector<std::int64_t> ids(tokens);
  for (std::size_t i = 0; i < tokens; ++i) ids[i] = token_id(0, i, vocab_size);
  return ids;
}

}  // namespace assay::bench::micro
