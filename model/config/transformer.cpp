// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/transformer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <string_view>

#include "model/config/parse.hpp"

namespace assay {
namespace {

namespace json = boost::json;

/// What `getattr(torch, name)` finds among the dtypes a model may have.
constexpr std::array<std::string_view, 9> float_dtypes = {
    "float32", "float", "float64", "double", "float16", "half", "bfloat16", "float8_e4m3fn", "float8_e5m2"};

void parse_heads(Fields& fields, Family family, RopeUse rope_use, TransformerConfig& config) {
  const std::size_t heads = config.num_attention_heads = fields.size("num_attention_heads", 32);
  if (family == Family::phimoe) {
    config.num_key_value_heads = fields.size("num_key_value_heads", 8);
  } else {
    config.num_key_value_heads = fields.size_or_null("num_key_value_heads").value_or(heads);
  }
  if (heads % config.num_key_value_heads != 0) {
    fields.refuse("num_key_value_heads", fmt::format("a divisor of num_attention_heads = {}", heads),
                  std::to_string(config.num_key_value_heads));
  }
  if (fields.find("head_dim") != nullptr) config.head_dim = fields.size("head_dim", 0);
  const std::size_t head_size = config.head_dim.value_or(config.hidden_size / heads);
  if (head_size == 0) {
    fields.refuse("hidden_size", fmt::format("at least num_attention_heads = {}", heads),
                  std::to_string(config.hidden_size));
  }
  // Two halves of a head rotate together. Without RoPE transformers still refuses an explicit odd size above 4.
  const bool must_be_even = rope_use == RopeUse::on || (config.head_dim && head_size > 4);
  if (must_be_even && head_size % 2 != 0) {
    fields.refuse("head_dim", "an even head size", fmt::format("{}", head_size));
  }
}

void parse_experts(Fields& fields, Family family, TransformerConfig& config) {
  const bool phimoe = family == Family::phimoe;
  // One PhiMoE expert makes transformers divide 0 by 0.
  const std::size_t experts = config.num_local_experts =
      fields.size("num_local_experts", phimoe ? 16 : 8, phimoe ? 2 : 0);
  if (experts == 0 && family == Family::granite_hybrid) {
    const bool present = fields.find("num_experts_per_tok") != nullptr;
    config.num_experts_per_tok = present ? fields.size_or_null("num_experts_per_tok", 0).value_or(0) : 2;
  } else {
    config.num_experts_per_tok = fields.size("num_experts_per_tok", 2, experts == 0 ? 0 : 1);
    if (config.num_experts_per_tok > experts) {
      fields.refuse("num_experts_per_tok", fmt::format("at most num_local_experts = {}", experts),
                    std::to_string(config.num_experts_per_tok));
    }
  }
  config.output_router_logits =
      phimoe ? fields.flag("output_router_logits", false) : fields.flag_or_null("output_router_logits", false);
  if (config.output_router_logits && experts == 0) {
    fields.refuse("output_router_logits", "false in a model without experts");
  }
  config.router_aux_loss_coef = fields.strict_float("router_aux_loss_coef", 0.001);
}

std::vector<std::int64_t> parse_eos(Fields& fields) {
  const json::value* const value = fields.find("eos_token_id");
  if (value == nullptr) return {2};
  if (value->is_null()) return {};
  if (value->is_int64()) return {value->get_int64()};
  std::vector<std::int64_t> ids;
  if (!value->is_array()) fields.refuse("eos_token_id", "an integer, a list of integers or null");
  for (const json::value& id : value->get_array()) {
    if (!id.is_int64()) {
      fields.refuse("eos_token_id", "an integer, a list of integers or null", "a list with " + describe(id));
    }
    ids.push_back(id.get_int64());
  }
  return ids;
}

void parse_token_ids(Fields& fields, TransformerConfig& config) {
  config.pad_token_id = fields.id_or_null("pad_token_id", std::nullopt);
  config.bos_token_id = fields.id_or_null("bos_token_id", 1);
  config.eos_token_id = parse_eos(fields);
  // nn.Embedding counts a negative padding_idx from the end.
  const auto vocabulary = static_cast<std::int64_t>(config.vocab_size);
  if (config.pad_token_id && (*config.pad_token_id < -vocabulary || *config.pad_token_id >= vocabulary)) {
    fields.refuse("pad_token_id", fmt::format("a token of the vocabulary of {}", vocabulary));
  }
}

std::string parse_dtype(Fields& fields) {
  const std::optional<std::string> older = fields.text_or_null("torch_dtype");
  const std::optional<std::string> newer = fields.text_or_null("dtype");
  std::string dtype = newer.value_or(older.value_or(""));
  if (!dtype.empty() && std::find(float_dtypes.begin(), float_dtypes.end(), dtype) == float_dtypes.end()) {
    fields.refuse(newer ? "dtype" : "torch_dtype", "a floating-point dtype of torch");
  }
  return dtype;
}

/// transformers stores these two keys in any model and acts on them; we know no checkpoint of the four that has them.
void refuse_unsupported(Fields& fields) {
  for (const std::string_view key : {"quantization_config", "per_layer_config"}) {
    const json::value* const value = fields.find(key);
    if (value != nullptr && !value->is_null()) fields.refuse(key, "none (not supported)");
  }
}

}  // namespace

TransformerConfig parse_transformer(Fields& fields, Family family, RopeUse rope_use) {
  const bool phimoe = family == Family::phimoe;
  TransformerConfig config;
  refuse_unsupported(fields);
  config.vocab_size = fields.size("vocab_size", phimoe ? 32064 : 32000);
  config.hidden_size = fields.size("hidden_size", 4096);
  config.intermediate_size = fields.size("intermediate_size", phimoe ? 6400 : 11008);
  config.num_hidden_layers = fields.size("num_hidden_layers", 32);
  parse_heads(fields, family, rope_use, config);
  const std::optional<Activation> activation = activation_named(fields.text("hidden_act", "silu"));
  if (!activation) fields.refuse("hidden_act", "an activation of transformers, such as \"silu\"");
  config.hidden_act = *activation;
  config.max_position_embeddings = fields.size("max_position_embeddings", phimoe ? 131072 : 2048);
  config.initializer_range = fields.strict_float("initializer_range", 0.02);
  config.rms_norm_eps = fields.strict_float("rms_norm_eps", phimoe ? 1e-5 : 1e-6);
  if (config.rms_norm_eps < 0) fields.refuse("rms_norm_eps", "0 or more");
  config.use_cache = fields.flag("use_cache", true);
  config.tie_word_embeddings = fields.flag("tie_word_embeddings", false);
  config.attention_bias = fields.flag("attention_bias", false);
  // Dropout is of training only; its type is checked, its value is not kept.
  if (phimoe) {
    (void)fields.number("attention_dropout", 0.0);
  } else {
    (void)fields.number_or_null("attention_dropout");
  }
  config.rope = parse_rope(fields, config, family);
  parse_experts(fields, family, config);
  parse_token_ids(fields, config);
  config.torch_dtype = parse_dtype(fields);
  parse_head(fields, family, config);
  return config;
}

}  // namespace assay
