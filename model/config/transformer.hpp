// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The fields that the four architectures have in common, under transformers' names and as transformers resolves
// them. Derived quantities (head size, softmax scale) are not here: each engine derives its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/config/activation.hpp"
#include "model/config/head.hpp"
#include "model/config/rope.hpp"

namespace assay {

struct TransformerConfig {
  std::size_t vocab_size = 0;
  std::size_t hidden_size = 0;
  std::size_t intermediate_size = 0;  ///< of one expert
  std::size_t num_hidden_layers = 0;
  std::size_t num_attention_heads = 0;
  std::size_t num_key_value_heads = 0;
  std::optional<std::size_t> head_dim;  ///< only if the key is present; else hidden_size / num_attention_heads
  Activation hidden_act = Activation::silu;
  std::size_t max_position_embeddings = 0;
  double initializer_range = 0.02;
  double rms_norm_eps = 0;
  bool use_cache = true;
  bool tie_word_embeddings = false;
  bool attention_bias = false;
  RopeConfig rope;
  std::size_t num_local_experts = 0;
  std::size_t num_experts_per_tok = 0;
  bool output_router_logits = false;
  double router_aux_loss_coef = 0.001;
  Head head = Head::causal_lm;              ///< of the first of `architectures`
  std::size_t num_labels = 2;               ///< of a classification
  std::optional<ProblemType> problem_type;  ///< of a classification; none: decided by the labels
  std::optional<std::int64_t> pad_token_id;
  std::optional<std::int64_t> bos_token_id;
  std::vector<std::int64_t> eos_token_id;
  std::string torch_dtype;                ///< "" where the config has none
  std::vector<std::string> ignored_keys;  ///< keys that transformers keeps and ignores

  bool operator==(const TransformerConfig&) const = default;
};

}  // namespace assay
