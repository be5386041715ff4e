// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Attention over cached keys and values, without the projections. FLOP counts 4 d for each pair of a query head and a
// key that it sees; a decoded token reads all keys and values.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bench/micro/optimized/cases.hpp"
#include "bench/micro/optimized/operands.hpp"
#include "optimized/ops/attention.hpp"

namespace assay::bench::micro::optimized_cases {
namespace {

struct Shape {
  std::string_view name;
  std::size_t heads;
  std::size_t kv_heads;
  std::size_t head_dim;
};

constexpr std::array<Shape, 4> shapes{{{"granite-3.0-1b-a400m", 16, 8, 64},
                                       {"granite-4.0-h-350m", 12, 4, 64},
                                       {"granite-4.0-h-tiny", 12, 4, 128},
                                       {"Phi-mini-MoE", 32, 8, 128}}};

enum class Kind { prefill, decode };

struct Setting {
  Shape shape;
  Kind kind;
  std::size_t queries;
  std::size_t keys;
  std::size_t threads;

  [[nodiscard]] std::size_t cached() const { return shape.kv_heads * keys * shape.head_dim; }
  [[nodiscard]] std::size_t width() const { return shape.heads * shape.head_dim; }
  [[nodiscard]] optimized::AttentionShape attention_shape() const {
    return {shape.heads, shape.kv_heads, shape.head_dim, 1.0F / std::sqrt(static_cast<float>(shape.head_dim))};
  }
  [[nodiscard]] std::size_t scratch() const {
    const auto floats =
        kind == Kind::decode ? optimized::attention_decode_scratch : optimized::attention_prefill_scratch;
    return floats(attention_shape(), 1, queries, keys, Threads(threads));
  }
};

class Attention final : public OptimizedOperation {
 public:
  explicit Attention(const Setting& setting)
      : OptimizedOperation(setting.threads,
                           2 * setting.cached() + 2 * setting.queries * setting.width() + setting.scratch() + slack),
        shape_(setting.attention_shape()),
        attend_(setting.kind == Kind::decode ? optimized::attention_decode : optimized::attention_prefill),
        cache_{random(setting.cached()).data(), random(setting.cached()).data(), setting.cached(),
               setting.keys * setting.shape.head_dim},
        queries_(random_rows(setting.queries, setting.width())),
        out_(zero_rows(setting.queries, setting.width())),
        scratch_(zeros(setting.scratch()).data()) {
    visibility_.batch = 1;
    visibility_.queries = setting.queries;
    visibility_.keys = setting.keys;
    visibility_.first_query = setting.keys - setting.queries;
    computes(out_);
  }

  void call() override { attend_(queries_, cache_, visibility_, shape_, out_, scratch_, threads()); }

 private:
  static constexpr std::size_t slack = 1024;

  optimized::AttentionShape shape_;
  decltype(&optimized::attention_decode) attend_;
  optimized::KeysAndValues cache_;
  optimized::Visibility visibility_;
  Rows<float> queries_;
  Rows<float> out_;
  float* scratch_;
};

void add(Registry& registry, std::string name, const Setting& setting) {
  double pairs = 0;
  for (std::size_t query = 0; query < setting.queries; ++query) {
    pairs += static_cast<double>(setting.keys - setting.queries + query + 1);
  }
  const std::size_t cache_bytes = 2 * setting.cached() * sizeof(float);
  registry.add({.name = std::move(name),
                .cost = {4.0 * static_cast<double>(setting.width()) * pairs,
                         static_cast<double>(cache_bytes) + float_bytes(2 * setting.queries * setting.width())},
                .threads = setting.threads,
                .cold_bytes = setting.kind == Kind::decode ? cache_bytes : 0,
                .held_bytes = cache_bytes + setting.scratch() * sizeof(float),
                .make = [=] { return std::make_unique<Attention>(setting); }});
}

}  // namespace

void add_attention_cases(Registry& registry) {
  for (const Shape& shape : shapes) {
    for (const std::size_t threads : thread_counts) {
      for (const std::size_t tokens : Sizes{128, 512, 4096}) {
        add(registry, fmt::format("optimized/attention_prefill/{}/tokens:{}/threads:{}", shape.name, tokens, threads),
            {shape, Kind::prefill, tokens, tokens, threads});
      }
      for (const std::size_t depth : Sizes{128, 1024, 4096}) {
        add(registry, fmt::format("optimized/attention_decode/{}/depth:{}/threads:{}", shape.name, depth, threads),
            {shape, Kind::decode, 1, depth + 1, threads});
      }
    }
  }
}

}  // namespace assay::bench::micro::optimized_cases
