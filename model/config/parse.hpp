// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The steps of parse_config, one function an architecture. Internal to model/config.
#pragma once

#include "model/config/config.hpp"
#include "model/config/fields.hpp"

namespace assay {

/// What the common fields depend on: their defaults and the rules for nulls differ.
enum class Family { granite, granite_hybrid, phimoe };

/// Whether the model rotates queries and keys at all; a hybrid need not.
enum class RopeUse { on, off };

[[nodiscard]] TransformerConfig parse_transformer(Fields& fields, Family family, RopeUse rope_use);
/// `architectures`, `num_labels` or `id2label`, and `problem_type`.
void parse_head(Fields& fields, Family family, TransformerConfig& config);
[[nodiscard]] RopeConfig parse_rope(Fields& fields, const TransformerConfig& config, Family family);
/// "mamba" and "attention" as well as "linear_attention" and "full_attention"; nothing where the key is absent or
/// null. Throws where the length is not that of the model.
[[nodiscard]] std::vector<MixerKind> parse_layer_types(Fields& fields, std::string_view key, std::size_t layers);

[[nodiscard]] GraniteMoeConfig parse_granite_moe(Fields& fields, Family family, RopeUse rope_use);
[[nodiscard]] GraniteMoeSharedConfig parse_granite_moe_shared(Fields& fields);
[[nodiscard]] GraniteMoeHybridConfig parse_granite_moe_hybrid(Fields& fields);
[[nodiscard]] PhimoeConfig parse_phimoe(Fields& fields);

}  // namespace assay
