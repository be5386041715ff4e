// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/small_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tests/support/config_text.hpp"

namespace assay::test {
namespace {

constexpr std::string_view multipliers = R"(
  "embedding_multiplier": 3.0, "attention_multiplier": 0.4, "residual_multiplier": 0.7, "logits_scaling": 2.5)";

/// splitmix64 (Steele, Lea and Flood 2014): the counter is the state.
double uniform(std::uint64_t counter) {
  std::uint64_t z = counter * 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  z ^= z >> 31U;
  return static_cast<double>(z >> 11U) * 0x1p-52 - 1.0;  // -1 to 1
}

/// FNV-1a.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xCBF29CE484222325U;
  for (const char character : text) value = (value ^ static_cast<unsigned char>(character)) * 0x100000001B3U;
  return value;
}

struct Spread {
  double middle = 0;
  double width = 0;
};

/// Large enough that every rule shows in the logits.
Spread spread_of(const ExpectedTensor& tensor) {
  if (tensor.name.ends_with("A_log")) return {0.5, 0.5};
  if (tensor.name.ends_with("dt_bias")) return {-1.0, 1.0};
  if (tensor.name.ends_with(".D") || tensor.name.ends_with("norm.weight")) return {1.0, 0.4};
  if (tensor.name.ends_with(".bias")) return {0.0, 0.3};
  if (tensor.name.ends_with("act_fn.weight") || tensor.name.ends_with("activation.weight")) return {0.25, 0.1};
  if (tensor.name.ends_with(".alpha_p")) return {0.0, 0.5};
  if (tensor.name.ends_with(".alpha_n")) return {-1.0, 0.5};
  if (tensor.name.ends_with(".beta")) return {0.5, 0.2};
  if (tensor.name.ends_with(".eps")) return {-1e-6, 0.0};
  if (tensor.name.ends_with("embed_tokens.weight")) return {0.0, 1.0};
  return {0.0, std::sqrt(3.0 / static_cast<double>(tensor.shape.back()))};
}

}  // namespace

std::vector<SmallModel> small_models() {
  const std::string hybrid = with(granite_moe_hybrid_text(), multipliers);
  const std::string phimoe = with(phimoe_text(), R"("attention_bias": true, "lm_head_bias": true, "head_dim": 10)");
  return {
      {"granitemoe", with(with(granite_moe_text(), multipliers), R"("attention_bias": true, "head_dim": 10)")},
      {"granitemoeshared", with(granite_moe_shared_text(), multipliers)},
      {"granitemoehybrid", with(hybrid, R"("position_embedding_type": "rope")"), false},
      {"granitemoehybrid_dense", with(hybrid, R"("num_local_experts": 0, "num_experts_per_tok": 0)"), false},
      {"phimoe", phimoe},
      {"phimoe_window", with(phimoe, R"("sliding_window": 3)")},
  };
}

std::vector<SmallModel> models_of_other_heads() {
  const std::string hybrid = with(granite_moe_hybrid_text(), multipliers);
  return {
      {"granitemoe_bare", with(with(granite_moe_text(), multipliers), R"("architectures": ["GraniteMoeModel"])")},
      {"granitemoeshared_bare",
       with(with(granite_moe_shared_text(), multipliers), R"("architectures": ["GraniteMoeSharedModel"])")},
      {"granitemoehybrid_bare", with(hybrid, R"("architectures": ["GraniteMoeHybridModel"])"), false},
      {"phimoe_bare", with(phimoe_text(), R"("architectures": ["PhimoeModel"])")},
      {"phimoe_classification", with(phimoe_text(),
                                     R"("architectures": ["PhimoeForSequenceClassification"], "pad_token_id": 0,
               "id2label": {"0": "a", "1": "b", "2": "c"})")},
  };
}

MadeUpWeights::MadeUpWeights(const Config& config) {
  for (const ExpectedTensor& tensor : manifest(config)) {
    const Spread spread = spread_of(tensor);
    std::vector<float> values(elements(tensor.shape));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>(spread.middle + spread.width * uniform(hash(tensor.name) + i));
    }
    tensors_.push_back({tensor, std::move(values)});
  }
}

Weights MadeUpWeights::weights() const {
  std::map<std::string, StoredTensor> stored;
  for (const auto& [tensor, values] : tensors_) {
    stored[tensor.name] = {DType::f32, tensor.shape, std::as_bytes(std::span(values)), "made up"};
  }
  return Weights(std::move(stored));
}

const std::vector<float>& MadeUpWeights::values(const std::string& name) const {
  const auto found = std::ranges::find_if(tensors_, [&](const Named& named) { return named.tensor.name == name; });
  if (found == tensors_.end()) throw std::logic_error("no weight named " + name);
  return found->values;
}

std::vector<double> to_doubles(const ConstValues& values) {
  return std::visit(
      [](const auto span) {
        std::vector<double> doubles;
        for (const auto value : span) doubles.push_back(static_cast<double>(value));
        return doubles;
      },
      values);
}

void Recorder::observe(const ProbePoint& point, const SiteValue& value) {
  seen_.push_back({point, value.shape, to_doubles(value.values)});
}

const Seen& Recorder::at(Site site, std::optional<LayerIndex> layer) const {
  const auto found = std::ranges::find(seen_, ProbePoint{site, layer}, &Seen::point);
  if (found == seen_.end()) throw std::logic_error("not shown: " + std::string(name(site)));
  return *found;
}

std::vector<double> run(Engine& engine, const OwnedCall& call, const Probe& probe) {
  const LaidOutCall laid_out(call);
  return to_doubles(engine.forward(laid_out.call(), probe).values);
}

std::vector<double> tokens_of(const std::vector<double>& logits, const OwnedCall& call, std::size_t row,
                              std::size_t first, std::size_t count) {
  const std::size_t length = call.input_ids.front().size();
  const std::size_t width = logits.size() / (call.input_ids.size() * length);
  const auto begin = logits.begin() + static_cast<std::ptrdiff_t>((row * length + first) * width);
  return {begin, begin + static_cast<std::ptrdiff_t>(count * width)};
}

Rows columns_of(const Rows& rows, std::size_t first, std::size_t count) {
  Rows part;
  for (const auto& row : rows) {
    const auto begin = row.begin() + static_cast<std::ptrdiff_t>(first);
    part.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(count));
  }
  return part;
}

void expect_close(const std::vector<double>& actual, const std::vector<double>& expected, double relative) {
  ASSERT_EQ(actual.size(), expected.size());
  double largest = 0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  EXPECT_GT(largest, 0.1) << "a vacuous comparison";
  std::size_t wrong = 0;
  double worst = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double distance = std::abs(actual[i] - expected[i]);
    if (!(distance <= relative * largest)) ++wrong;
    worst = std::max(worst, distance);
  }
  EXPECT_EQ(wrong, 0U) << "of " << actual.size() << "; the worst is off by " << worst << " of " << largest;
}

}  // namespace assay::test
