// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/inspection.hpp"

#include <boost/json/array.hpp>
#include <cmath>

#include "golden/format/recorded_generation.hpp"
#include "model/config/config.hpp"
#include "model/config/manifest.hpp"
#include "model/files/json.hpp"
#include "model/site_plan.hpp"

namespace assay {
namespace {

namespace json = boost::json;

json::array shape_array(const Shape& shape) { return json::array(shape.begin(), shape.end()); }

/// Resolved values under transformers' names, as far as the architecture has them.
void add_fields(json::object& out, const TransformerConfig& config) {
  out["vocab_size"] = config.vocab_size;
  out["hidden_size"] = config.hidden_size;
  out["intermediate_size"] = config.intermediate_size;
  out["num_hidden_layers"] = config.num_hidden_layers;
  out["num_attention_heads"] = config.num_attention_heads;
  out["num_key_value_heads"] = config.num_key_value_heads;
  if (config.head_dim) out["head_dim"] = *config.head_dim;
  out["hidden_act"] = name(config.hidden_act);
  out["max_position_embeddings"] = config.max_position_embeddings;
  out["rms_norm_eps"] = config.rms_norm_eps;
  out["tie_word_embeddings"] = config.tie_word_embeddings;
  out["attention_bias"] = config.attention_bias;
  out["rope_type"] = name(config.rope.type);
  out["rope_theta"] = config.rope.rope_theta;
  out["num_local_experts"] = config.num_local_experts;
  out["num_experts_per_tok"] = config.num_experts_per_tok;
  out["router_aux_loss_coef"] = config.router_aux_loss_coef;
  out["head"] = name(config.head);
  if (config.head != Head::sequence_classification) return;
  out["num_labels"] = config.num_labels;
  if (config.problem_type) out["problem_type"] = name(*config.problem_type);
  if (config.pad_token_id) out["pad_token_id"] = *config.pad_token_id;
}

void add_fields(json::object& out, const GraniteMoeConfig& config) {
  add_fields(out, static_cast<const TransformerConfig&>(config));
  out["embedding_multiplier"] = config.embedding_multiplier;
  out["attention_multiplier"] = config.attention_multiplier;
  out["residual_multiplier"] = config.residual_multiplier;
  out["logits_scaling"] = config.logits_scaling;
}

void add_fields(json::object& out, const GraniteMoeSharedConfig& config) {
  add_fields(out, static_cast<const GraniteMoeConfig&>(config));
  out["shared_intermediate_size"] = config.shared_intermediate_size;
}

void add_fields(json::object& out, const GraniteMoeHybridConfig& config) {
  add_fields(out, static_cast<const GraniteMoeSharedConfig&>(config));
  out["position_embedding_type"] = config.position_embedding_type;
  json::array layers;
  for (const MixerKind kind : config.layer_types) layers.emplace_back(kind == MixerKind::mamba ? "mamba" : "attention");
  out["layer_types"] = layers;
  out["mamba_n_heads"] = config.mamba_n_heads;
  out["mamba_d_head"] = config.mamba_d_head;
  out["mamba_n_groups"] = config.mamba_n_groups;
  out["mamba_d_state"] = config.mamba_d_state;
  out["mamba_d_conv"] = config.mamba_d_conv;
  out["mamba_expand"] = config.mamba_expand;
  out["mamba_chunk_size"] = config.mamba_chunk_size;
  out["mamba_conv_bias"] = config.mamba_conv_bias;
  out["mamba_proj_bias"] = config.mamba_proj_bias;
  // JSON has no infinity; transformers writes it as a string of that name, too.
  const auto bound = [](double value) { return std::isinf(value) ? json::value("Infinity") : json::value(value); };
  out["time_step_limit"] = json::array{bound(config.time_step_limit_min), bound(config.time_step_limit_max)};
}

void add_fields(json::object& out, const PhimoeConfig& config) {
  add_fields(out, static_cast<const TransformerConfig&>(config));
  if (config.sliding_window) out["sliding_window"] = *config.sliding_window;
  out["router_jitter_noise"] = config.router_jitter_noise;
  out["lm_head_bias"] = config.lm_head_bias;
}

void add_config(json::object& out, const Config& config) {
  out["model_type"] = model_type(config);
  out["parameters"] = parameter_count(config);
  json::object fields;
  std::visit([&](const auto& alternative) { add_fields(fields, alternative); }, config);
  out["config"] = fields;
  const auto& ignored = common(config).ignored_keys;
  out["ignored_keys"] = json::array(ignored.begin(), ignored.end());
}

json::array tensor_array(const TensorSource& source) {
  json::array tensors;
  for (const auto& [name, tensor] : source.tensors()) {
    tensors.push_back(json::object{{"name", name},
                                   {"dtype", assay::name(tensor.dtype)},
                                   {"shape", shape_array(tensor.shape)},
                                   {"bytes", tensor.bytes.size()},
                                   {"file", tensor.file}});
  }
  return tensors;
}

/// What the call was given, by name, with its shape.
json::object given_inputs(const golden::RecordedCall& recorded) {
  const Call call = recorded.call();
  json::object inputs;
  const auto add = [&](std::string_view name, const auto& view) {
    if (view) inputs[name] = shape_array(view->shape());
  };
  if (call.inputs_embeds) {
    add("inputs_embeds", call.inputs_embeds);
  } else {
    inputs["input_ids"] = shape_array(call.input_ids.shape());
  }
  add("attention_mask", call.attention_mask);
  add("position_ids", call.position_ids);
  add("logits_positions", call.logits_positions);
  add("labels", call.labels);
  add("float_labels", call.float_labels);
  if (call.packed) {
    inputs["seq_idx"] = shape_array(call.packed->seq_idx.shape());
    inputs["cu_seq_lens_q"] = shape_array(call.packed->cu_seq_lens_q.shape());
    inputs["cu_seq_lens_k"] = shape_array(call.packed->cu_seq_lens_k.shape());
  }
  if (call.past_key_values != nullptr) inputs["past_key_values"] = json::array{call.past_key_values->layers.size()};
  return inputs;
}

json::array call_array(const golden::GoldenFile& golden) {
  json::array calls;
  for (std::size_t i = 0; i < golden.calls().size(); ++i) {
    const golden::RecordedCall& call = golden.calls()[i];
    json::array sites;
    for (const PlannedSite& site : call.sites) {
      sites.push_back(json::object{{"site", name(site.point.site)},
                                   {"layer", site.point.layer ? json::value(site.point.layer->value) : json::value()},
                                   {"shape", shape_array(site.shape)}});
    }
    calls.push_back(json::object{{"call", i},
                                 {"batch", call.batch()},
                                 {"tokens", call.length()},
                                 {"past", call.past},
                                 {"use_cache", call.use_cache},
                                 {"attention_mask", call.attention_mask.has_value()},
                                 {"position_ids", call.position_ids.has_value()},
                                 {"inputs", given_inputs(call)},
                                 {"logits_to_keep", call.logits_to_keep},
                                 {"num_items_in_batch", call.num_items_in_batch.value_or(0)},
                                 {"output_hidden_states", call.output_hidden_states},
                                 {"output_attentions", call.output_attentions},
                                 {"output_router_logits", call.output_router_logits},
                                 {"sites", sites}});
  }
  return calls;
}

/// The settings of a run of generate() that were set, and its extents.
json::object generation_object(const golden::RecordedGeneration& generation) {
  json::object out{{"rows", generation.rows()},         {"prompt_tokens", generation.width()},
                   {"steps", generation.steps()},       {"max_new_tokens", generation.max_new_tokens},
                   {"do_sample", generation.do_sample}, {"truth", generation.has_truth}};
  const auto add = [&](std::string_view name, const auto& setting) {
    if (setting) out[name] = *setting;
  };
  add("top_k", generation.top_k);
  add("temperature", generation.temperature);
  add("top_p", generation.top_p);
  add("min_p", generation.min_p);
  add("repetition_penalty", generation.repetition_penalty);
  add("pad_token_id", generation.pad_token_id);
  out["eos_token_id"] = json::array(generation.eos_token_id.begin(), generation.eos_token_id.end());
  return out;
}

}  // namespace

json::object inspect_checkpoint(const Checkpoint& checkpoint) {
  const Config config = parse_config(checkpoint.config_text(), checkpoint.config_path().string());
  // Throws where a tensor is not as the config says.
  const Weights weights = resolve_weights(config, checkpoint);
  json::object out{{"schema", "assay.inspect/1"}, {"kind", "checkpoint"}, {"path", checkpoint.where()}};
  add_config(out, config);
  out["tensors"] = tensor_array(checkpoint);
  return out;
}

json::object inspect_golden(const golden::GoldenFile& golden) {
  const bool is_dump = golden.kind() == golden::Kind::dump;
  json::object out{{"schema", "assay.inspect/1"}, {"kind", is_dump ? "dump" : "golden"}, {"path", golden.file()}};
  out["case"] = golden.case_name();
  if (is_dump) {
    out["engine"] = golden.engine();
    out["precision"] = golden.precision();
    if (const auto threads = golden.reader().integer_attribute("/", "threads")) out["threads"] = *threads;
    if (const auto weights = golden.reader().string_attribute("/", "engine_weights")) out["engine_weights"] = *weights;
    json::array absent;
    for (const Site site : golden.not_provided()) absent.emplace_back(name(site));
    out["not_provided"] = absent;
  } else {
    if (!golden.calls().empty()) out["truth"] = golden.has(golden::Values::truth);
    json::array unseen;
    for (const Site site : golden.not_recorded()) unseen.emplace_back(name(site));
    out["not_recorded"] = unseen;
  }
  out["seed"] = golden.seed();
  add_config(out, golden.config());
  if (golden.has_embedded_weights()) {
    const golden::EmbeddedWeights weights(golden);
    out["tensors"] = tensor_array(weights);
  } else if (golden.checkpoint()) {
    out["checkpoint"] = golden.checkpoint()->path.string();
  }
  if (!golden.calls().empty()) out["calls"] = call_array(golden);
  if (const auto generation = golden::read_generation(golden.reader(), golden.config())) {
    out["generation"] = generation_object(*generation);
  }
  out["provenance"] = parse_json(golden.provenance(), golden.file() + ": /provenance");
  return out;
}

json::object inspect_dump(const golden::Dump& dump) {
  const golden::ArrayFile& file = dump.arrays();
  json::object out{{"schema", "assay.inspect/1"}, {"kind", "dump"}, {"path", dump.file()}};
  for (const char* name :
       {"case", "engine", "precision", "threads", "engine_weights", "model_type", "weights_sha256"}) {
    if (const auto value = file.attribute("", name)) out[name] = *value;
  }
  json::array arrays;
  for (const auto& [name, array] : file.arrays()) {
    arrays.push_back(
        json::object{{"name", name}, {"dtype", assay::name(array.dtype)}, {"shape", shape_array(array.shape)}});
  }
  out["arrays"] = arrays;
  return out;
}

}  // namespace assay
