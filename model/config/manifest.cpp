// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/manifest.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace assay {
namespace {

/// Adds tensors under a common prefix, in the order of the forward pass.
class List {
 public:
  void add(std::string name, Shape shape) { tensors_.push_back({prefix_ + std::move(name), std::move(shape)}); }
  void linear(const std::string& name, std::size_t out, std::size_t in) { add(name + ".weight", {out, in}); }
  void linear_with_bias(const std::string& name, std::size_t out, std::size_t in) {
    linear(name, out, in);
    add(name + ".bias", {out});
  }
  void prefix(std::string text) { prefix_ = std::move(text); }
  [[nodiscard]] std::vector<ExpectedTensor> release() { return std::move(tensors_); }

 private:
  std::string prefix_;
  std::vector<ExpectedTensor> tensors_;
};

void norm(List& list, const std::string& name, const TransformerConfig& config, bool layer_norm) {
  list.add(name + ".weight", {config.hidden_size});
  if (layer_norm) list.add(name + ".bias", {config.hidden_size});
}

void attention(List& list, const TransformerConfig& config) {
  const std::size_t hidden = config.hidden_size;
  const std::size_t head_size = config.head_dim.value_or(hidden / config.num_attention_heads);
  const std::size_t query_width = config.num_attention_heads * head_size;
  const std::size_t key_width = config.num_key_value_heads * head_size;
  const auto add = config.attention_bias ? &List::linear_with_bias : &List::linear;
  (list.*add)("self_attn.q_proj", query_width, hidden);
  (list.*add)("self_attn.k_proj", key_width, hidden);
  (list.*add)("self_attn.v_proj", key_width, hidden);
  (list.*add)("self_attn.o_proj", hidden, query_width);
}

/// What an activation has learned, PReLU and XIELUActivation; the others have nothing.
void activation(List& list, const std::string& name, Activation kind) {
  if (kind == Activation::prelu) list.add(name + ".weight", {1});
  if (kind == Activation::xielu) {
    list.add(name + ".alpha_p", {1});
    list.add(name + ".alpha_n", {1});
    list.add(name + ".beta", {});
    list.add(name + ".eps", {});
  }
}

void granite_moe(List& list, const TransformerConfig& config) {
  const std::size_t experts = config.num_local_experts;
  const std::size_t hidden = config.hidden_size;
  list.add("block_sparse_moe.router.layer.weight", {experts, hidden});
  list.add("block_sparse_moe.input_linear.weight", {experts, 2 * config.intermediate_size, hidden});
  list.add("block_sparse_moe.output_linear.weight", {experts, hidden, config.intermediate_size});
  activation(list, "block_sparse_moe.experts.act_fn", config.hidden_act);
}

void shared_mlp(List& list, const GraniteMoeSharedConfig& config) {
  list.linear("shared_mlp.input_linear", 2 * config.shared_intermediate_size, config.hidden_size);
  list.linear("shared_mlp.output_linear", config.hidden_size, config.shared_intermediate_size);
  activation(list, "shared_mlp.activation", config.hidden_act);
}

void mamba(List& list, const GraniteMoeHybridConfig& config) {
  const std::size_t width = config.mamba_expand * config.hidden_size;
  const std::size_t channels = width + 2 * config.mamba_n_groups * config.mamba_d_state;
  const std::size_t heads = config.mamba_n_heads;
  const auto add = config.mamba_proj_bias ? &List::linear_with_bias : &List::linear;
  (list.*add)("mamba.in_proj", width + channels + heads, config.hidden_size);
  list.add("mamba.conv1d.weight", {channels, 1, config.mamba_d_conv});
  if (config.mamba_conv_bias) list.add("mamba.conv1d.bias", {channels});
  list.add("mamba.dt_bias", {heads});
  list.add("mamba.A_log", {heads});
  list.add("mamba.D", {heads});
  list.add("mamba.norm.weight", {width});
  (list.*add)("mamba.out_proj", config.hidden_size, width);
  // Stored, and never used: transformers computes the convolution with a new one.
  activation(list, "mamba.act", config.hidden_act);
}

void mixer(List& list, const TransformerConfig& config, std::size_t) { attention(list, config); }

void mixer(List& list, const GraniteMoeHybridConfig& config, std::size_t layer) {
  if (config.layer_types[layer] == MixerKind::mamba) {
    mamba(list, config);
  } else {
    attention(list, config);
  }
}

void feed_forward(List& list, const GraniteMoeConfig& config) { granite_moe(list, config); }

void feed_forward(List& list, const GraniteMoeSharedConfig& config) {
  granite_moe(list, config);
  if (config.shared_intermediate_size > 0) shared_mlp(list, config);
}

void feed_forward(List& list, const GraniteMoeHybridConfig& config) {
  if (config.num_local_experts > 0) granite_moe(list, config);
  shared_mlp(list, config);
}

void feed_forward(List& list, const PhimoeConfig& config) {
  list.linear("block_sparse_moe.gate", config.num_local_experts, config.hidden_size);
  for (std::size_t expert = 0; expert < config.num_local_experts; ++expert) {
    const std::string name = fmt::format("block_sparse_moe.experts.{}", expert);
    list.linear(name + ".w1", config.intermediate_size, config.hidden_size);
    list.linear(name + ".w3", config.intermediate_size, config.hidden_size);
    list.linear(name + ".w2", config.hidden_size, config.intermediate_size);
  }
  activation(list, "block_sparse_moe.experts.act_fn", config.hidden_act);
}

template <class Alternative>
void head(List& list, const Alternative& config) {
  if (config.head == Head::none) return;
  if (config.head == Head::sequence_classification) {
    list.linear("score", config.num_labels, config.hidden_size);
    return;
  }
  if (!config.tie_word_embeddings) list.linear("lm_head", config.vocab_size, config.hidden_size);
  if constexpr (std::is_same_v<Alternative, PhimoeConfig>) {
    if (config.lm_head_bias) list.add("lm_head.bias", {config.vocab_size});
  }
}

template <class Alternative>
std::vector<ExpectedTensor> tensors_of(const Alternative& config) {
  constexpr bool phimoe = std::is_same_v<Alternative, PhimoeConfig>;
  List list;
  list.linear("model.embed_tokens", config.vocab_size, config.hidden_size);
  for (std::size_t layer = 0; layer < config.num_hidden_layers; ++layer) {
    list.prefix(fmt::format("model.layers.{}.", layer));
    norm(list, "input_layernorm", config, phimoe);
    mixer(list, config, layer);
    norm(list, "post_attention_layernorm", config, phimoe);
    feed_forward(list, config);
  }
  list.prefix("");
  norm(list, "model.norm", config, phimoe);
  head(list, config);
  return list.release();
}

}  // namespace

std::vector<ExpectedTensor> manifest(const Config& config) {
  return std::visit([](const auto& alternative) { return tensors_of(alternative); }, config);
}

std::size_t parameter_count(const Config& config) {
  std::size_t count = 0;
  for (const ExpectedTensor& tensor : manifest(config)) count += elements(tensor.shape);
  return count;
}

const StoredTensor& Weights::at(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) throw std::logic_error("no weight named " + name + " in the manifest");
  return found->second;
}

}  // namespace assay
