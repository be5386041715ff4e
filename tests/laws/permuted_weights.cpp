// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/laws/permuted_weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <variant>

namespace assay::test {
namespace {

/// Where each new index comes from.
using Order = std::vector<std::size_t>;

Order identity(std::size_t count) {
  Order order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

/// Turned by one, so that every index moves.
Order turned(std::size_t count) {
  Order order = identity(count);
  std::rotate(order.begin(), order.begin() + 1, order.end());
  return order;
}

/// The order of blocks of `width`.
Order blocks(const Order& order, std::size_t width) {
  Order result;
  for (const std::size_t from : order) {
    for (std::size_t i = 0; i < width; ++i) result.push_back(from * width + i);
  }
  return result;
}

/// `order` behind what comes before it.
void append(Order& all, const Order& order) {
  const std::size_t first = all.size();
  for (const std::size_t from : order) all.push_back(first + from);
}

std::vector<float> rows_in(const std::vector<float>& values, const Order& order) {
  const std::size_t width = values.size() / order.size();
  std::vector<float> result;
  for (const std::size_t from : order) {
    const auto row = values.begin() + static_cast<std::ptrdiff_t>(from * width);
    result.insert(result.end(), row, row + static_cast<std::ptrdiff_t>(width));
  }
  return result;
}

std::vector<float> columns_in(const std::vector<float>& values, const Order& order) {
  std::vector<float> result;
  for (std::size_t row = 0; row < values.size() / order.size(); ++row) {
    for (const std::size_t from : order) result.push_back(values[row * order.size() + from]);
  }
  return result;
}

}  // namespace

PermutedWeights::PermutedWeights(const Config& config, const MadeUpWeights& plain, Permuted kind)
    : manifest_(manifest(config)) {
  for (const ExpectedTensor& tensor : manifest_) values_[tensor.name] = plain.values(tensor.name);
  const auto before = values_;
  permute(config, kind);
  for (const auto& [name, values] : values_) changed_ += values != before.at(name) ? 1U : 0U;
}

void PermutedWeights::permute(const Config& config, Permuted kind) {
  const TransformerConfig& shared = common(config);
  const auto rows = [&](const std::string& name, const Order& order) {
    if (const auto found = values_.find(name); found != values_.end()) found->second = rows_in(found->second, order);
  };
  const auto columns = [&](const std::string& name, const Order& order) {
    if (const auto found = values_.find(name); found != values_.end()) found->second = columns_in(found->second, order);
  };
  const auto both = [&](const std::string& name, const Order& order) {
    rows(name + ".weight", order);
    rows(name + ".bias", order);
  };
  const auto plain = values_;
  for (std::size_t index = 0; index < shared.num_hidden_layers; ++index) {
    const std::string layer = fmt::format("model.layers.{}.", index);
    if (kind == Permuted::experts && shared.num_local_experts > 0) {
      const Order order = turned(shared.num_local_experts);
      for (const char* tensor : {"router.layer", "input_linear", "output_linear", "gate"}) {
        rows(layer + "block_sparse_moe." + tensor + ".weight", order);
      }
      for (std::size_t expert = 0; expert < order.size(); ++expert) {
        for (const char* part : {"w1", "w2", "w3"}) {
          const auto name = [&](std::size_t e) {
            return fmt::format("{}block_sparse_moe.experts.{}.{}.weight", layer, e, part);
          };
          if (plain.contains(name(expert))) values_[name(expert)] = plain.at(name(order[expert]));
        }
      }
    }
    if (kind == Permuted::attention_heads) {
      const std::size_t group = shared.num_attention_heads / shared.num_key_value_heads;
      const std::size_t width = shared.head_dim.value_or(shared.hidden_size / shared.num_attention_heads);
      const Order key_heads = turned(shared.num_key_value_heads);
      Order heads;
      for (const std::size_t key_head : key_heads) {
        for (const std::size_t head : turned(group)) heads.push_back(key_head * group + head);
      }
      both(layer + "self_attn.q_proj", blocks(heads, width));
      both(layer + "self_attn.k_proj", blocks(key_heads, width));
      both(layer + "self_attn.v_proj", blocks(key_heads, width));
      columns(layer + "self_attn.o_proj.weight", blocks(heads, width));
    }
    const auto* hybrid = std::get_if<GraniteMoeHybridConfig>(&config);
    if (kind == Permuted::mamba_heads && hybrid != nullptr) {
      const std::size_t heads = hybrid->mamba_n_heads;
      const std::size_t group = heads / hybrid->mamba_n_groups;
      Order order;
      for (std::size_t first = 0; first < heads; first += group) append(order, turned(group));
      const std::size_t inner = hybrid->mamba_expand * hybrid->hidden_size;
      const Order channels = blocks(order, inner / heads);
      const Order states = identity(2 * hybrid->mamba_n_groups * hybrid->mamba_d_state);
      Order convolved = channels;
      append(convolved, states);
      Order projected = channels;  // the gate
      append(projected, convolved);
      append(projected, order);
      both(layer + "mamba.in_proj", projected);
      both(layer + "mamba.conv1d", convolved);
      for (const char* of_head : {"dt_bias", "A_log", "D"}) rows(layer + "mamba." + of_head, order);
      rows(layer + "mamba.norm.weight", channels);
      columns(layer + "mamba.out_proj.weight", channels);
    }
  }
}

Weights PermutedWeights::weights() const {
  std::map<std::string, StoredTensor> stored;
  for (const ExpectedTensor& tensor : manifest_) {
    stored[tensor.name] = {DType::f32, tensor.shape, std::as_bytes(std::span(values_.at(tensor.name))), "permuted"};
  }
  return Weights(std::move(stored));
}

}  // namespace assay::test
