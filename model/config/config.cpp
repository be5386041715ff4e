// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <type_traits>

#include "model/config/fields.hpp"
#include "model/config/parse.hpp"
#include "model/config/weight_sizes.hpp"
#include "model/error.hpp"
#include "model/files/json.hpp"

namespace assay {
namespace {

namespace json = boost::json;

constexpr std::string_view known_types = "granitemoe, granitemoeshared, granitemoehybrid or phimoe";

/// Keys that say nothing about the numbers of a model: the fields of PreTrainedConfig, and those of generation that
/// transformers 5.23.0 drops from a config.
constexpr std::array<std::string_view, 47> keys_of_every_config = {"_commit_hash",
                                                                   "_name_or_path",
                                                                   "assistant_confidence_threshold",
                                                                   "assistant_lookbehind",
                                                                   "attn_implementation",
                                                                   "bad_words_ids",
                                                                   "begin_suppress_tokens",
                                                                   "chunk_size_feed_forward",
                                                                   "diversity_penalty",
                                                                   "do_sample",
                                                                   "early_stopping",
                                                                   "encoder_no_repeat_ngram_size",
                                                                   "encoder_repetition_penalty",
                                                                   "epsilon_cutoff",
                                                                   "eta_cutoff",
                                                                   "experts_implementation",
                                                                   "exponential_decay_length_penalty",
                                                                   "forced_bos_token_id",
                                                                   "forced_eos_token_id",
                                                                   "is_encoder_decoder",
                                                                   "label2id",
                                                                   "length_penalty",
                                                                   "max_length",
                                                                   "min_length",
                                                                   "model_type",
                                                                   "name_or_path",
                                                                   "no_repeat_ngram_size",
                                                                   "num_assistant_tokens",
                                                                   "num_assistant_tokens_schedule",
                                                                   "num_beam_groups",
                                                                   "num_beams",
                                                                   "num_return_sequences",
                                                                   "output_attentions",
                                                                   "output_hidden_states",
                                                                   "output_scores",
                                                                   "remove_invalid_values",
                                                                   "repetition_penalty",
                                                                   "return_dict",
                                                                   "return_dict_in_generate",
                                                                   "suppress_tokens",
                                                                   "target_lookbehind",
                                                                   "temperature",
                                                                   "tie_last_hidden_states",
                                                                   "top_k",
                                                                   "top_p",
                                                                   "transformers_version",
                                                                   "typical_p"};

/// The three architectures without layer types still obey the key: their cache is built from it.
template <class Alternative>
Alternative with_plain_attention(Alternative config, Fields& fields) {
  const std::vector<MixerKind> kinds = parse_layer_types(fields, "layer_types", config.num_hidden_layers);
  if (std::find(kinds.begin(), kinds.end(), MixerKind::mamba) != kinds.end()) {
    fields.refuse("layer_types", "full_attention in every layer");
  }
  return config;
}

Config parse_alternative(Fields& fields) {
  const json::value* const value = fields.find("model_type");
  const std::string_view type = value != nullptr && value->is_string() ? std::string_view(value->get_string()) : "";
  if (type == "granitemoe") {
    return with_plain_attention(parse_granite_moe(fields, Family::granite, RopeUse::on), fields);
  }
  if (type == "granitemoeshared") return with_plain_attention(parse_granite_moe_shared(fields), fields);
  if (type == "granitemoehybrid") return parse_granite_moe_hybrid(fields);
  if (type == "phimoe") return with_plain_attention(parse_phimoe(fields), fields);
  fields.refuse("model_type", known_types);
}

}  // namespace

Config parse_config(std::string_view text, const std::string& origin) {
  const json::value value = parse_json(text, origin);
  if (!value.is_object()) throw Error(fmt::format("{}: expected an object, found {}", origin, describe(value)));
  Fields fields(value.get_object(), origin);
  Config config = parse_alternative(fields);
  for (const std::string_view key : keys_of_every_config) (void)fields.find(key);
  check_weight_sizes(config, origin);
  std::vector<std::string> ignored = fields.unread();
  std::sort(ignored.begin(), ignored.end());
  std::visit([&](TransformerConfig& base) { base.ignored_keys = std::move(ignored); }, config);
  return config;
}

std::string_view model_type(const Config& config) {
  struct Name {
    std::string_view operator()(const GraniteMoeConfig&) const { return "granitemoe"; }
    std::string_view operator()(const GraniteMoeSharedConfig&) const { return "granitemoeshared"; }
    std::string_view operator()(const GraniteMoeHybridConfig&) const { return "granitemoehybrid"; }
    std::string_view operator()(const PhimoeConfig&) const { return "phimoe"; }
  };
  return std::visit(Name{}, config);
}

}  // namespace assay
