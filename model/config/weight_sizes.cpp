// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/weight_sizes.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <string_view>

#include "model/error.hpp"

namespace assay {
namespace {

constexpr std::size_t max_tensors = std::size_t{1} << 20U;
constexpr std::size_t max_elements = std::size_t{1} << 40U;

class Check {
 public:
  explicit Check(const std::string& origin) : origin_(origin) {}

  void product(std::string_view what, std::initializer_list<std::size_t> factors, std::size_t limit) const {
    std::size_t product = 1;
    for (const std::size_t factor : factors) {
      if (factor == 0) return;
      if (product > limit / factor) {
        throw Error(fmt::format("{}: {}: expected at most {} in all, found more", origin_, what, limit));
      }
      product *= factor;
    }
  }

 private:
  const std::string& origin_;
};

}  // namespace

void check_weight_sizes(const Config& config, const std::string& origin) {
  const Check check(origin);
  const TransformerConfig& base = common(config);
  const std::size_t hidden = base.hidden_size;
  const std::size_t head_size = base.head_dim.value_or(hidden / base.num_attention_heads);
  check.product("num_hidden_layers * num_local_experts", {base.num_hidden_layers, base.num_local_experts}, max_tensors);
  check.product("num_hidden_layers", {base.num_hidden_layers}, max_tensors);
  check.product("vocab_size * hidden_size", {base.vocab_size, hidden}, max_elements);
  check.product("num_attention_heads * head_dim * hidden_size", {base.num_attention_heads, head_size, hidden},
                max_elements);
  check.product("num_local_experts * 2 * intermediate_size * hidden_size",
                {base.num_local_experts, 2, base.intermediate_size, hidden}, max_elements);
  if (const auto* const shared = std::get_if<GraniteMoeSharedConfig>(&config)) {
    check.product("2 * shared_intermediate_size * hidden_size", {2, shared->shared_intermediate_size, hidden},
                  max_elements);
  }
  if (const auto* const hybrid = std::get_if<GraniteMoeHybridConfig>(&config)) {
    check.product("2 * shared_intermediate_size * hidden_size", {2, hybrid->shared_intermediate_size, hidden},
                  max_elements);
    const std::size_t width = hybrid->mamba_expand * hidden;
    // The projection is at most 4 (expand * hidden + n_groups * d_state) wide.
    check.product("mamba_expand * hidden_size * hidden_size", {4, width, hidden}, max_elements);
    check.product("mamba_n_groups * mamba_d_state * hidden_size",
                  {4, hybrid->mamba_n_groups, hybrid->mamba_d_state, hidden}, max_elements);
    check.product("mamba_expand * hidden_size * mamba_d_conv", {2, width, hybrid->mamba_d_conv}, max_elements);
    check.product("mamba_n_groups * mamba_d_state * mamba_d_conv",
                  {4, hybrid->mamba_n_groups, hybrid->mamba_d_state, hybrid->mamba_d_conv}, max_elements);
  }
}

}  // namespace assay
