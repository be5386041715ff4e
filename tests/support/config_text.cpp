// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/config_text.hpp"

#include <boost/json/object.hpp>
#include <stdexcept>

#include "model/files/json.hpp"

namespace assay::test {
namespace {

constexpr std::string_view common_members = R"(
  "vocab_size": 97, "hidden_size": 48, "intermediate_size": 20, "num_hidden_layers": 3, "num_attention_heads": 6,
  "num_key_value_heads": 2, "max_position_embeddings": 64, "num_local_experts": 9, "num_experts_per_tok": 4})";

std::string of_type(std::string_view type) {
  return "{\"model_type\": \"" + std::string(type) + "\"," + std::string(common_members);
}

}  // namespace

std::string granite_moe_text() { return of_type("granitemoe"); }

std::string granite_moe_shared_text() { return with(of_type("granitemoeshared"), R"("shared_intermediate_size": 28)"); }

std::string granite_moe_hybrid_text() {
  return with(of_type("granitemoehybrid"),
              R"("shared_intermediate_size": 28, "layer_types": ["mamba", "attention", "mamba"], "mamba_n_heads": 12,
                 "mamba_n_groups": 3, "mamba_d_state": 16, "mamba_d_conv": 4, "mamba_chunk_size": 5)");
}

std::string phimoe_text() { return of_type("phimoe"); }

std::string with(std::string_view config, std::string_view members) {
  const std::string_view open = config.substr(0, config.rfind('}'));
  return std::string(open) + ", " + std::string(members) + "}";
}

std::string without(std::string_view config, std::string_view key) {
  boost::json::value value = parse_json(config, "test config");
  if (value.as_object().erase(key) != 1) throw std::logic_error("the test config has no " + std::string(key));
  return pretty_json(value);
}

}  // namespace assay::test
