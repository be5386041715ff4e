// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What attention is made of beside products: the softmax of visible scores, and the rotation.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <string_view>
#include <vector>

#include "bench/micro/reference/cases.hpp"
#include "bench/micro/reference/operands.hpp"
#include "reference/ops/rope.hpp"
#include "reference/ops/rope_frequencies.hpp"
#include "reference/ops/softmax.hpp"

namespace assay::bench::micro::reference_cases {
namespace {

class Softmax final : public Operation {
 public:
  explicit Softmax(std::size_t keys) : scores_(random_tensor<1>({keys}, 1)), visible_({keys}), probs_({keys}) {
    std::ranges::fill(visible_.view().flat(), std::uint8_t{1});
  }

  void call() override { reference::masked_softmax<float>(scores_.view(), visible_.view(), probs_.view()); }

  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override { return {bytes_of(probs_)}; }

 private:
  Tensor<float, 1> scores_;
  Tensor<std::uint8_t, 1> visible_;
  Tensor<float, 1> probs_;
};

struct Shape {
  std::string_view name;
  std::size_t heads;
  std::size_t head_dim;
};

constexpr Shape shapes[] = {{"granite-3.0-1b-a400m", 24, 64}, {"Phi-mini-MoE", 40, 128}};

class Rope final : public Operation {
 public:
  Rope(const Shape& shape, std::size_t tokens)
      : inv_freq_(reference::default_inv_freq(10000.0, shape.head_dim)),
        positions_({1, tokens}),
        cos_({1, tokens, shape.head_dim}),
        sin_({1, tokens, shape.head_dim}),
        x_(random_tensor<4>({1, shape.heads, tokens, shape.head_dim}, 1)),
        rotated_({1, shape.heads, tokens, shape.head_dim}) {
    std::iota(positions_.view().flat().begin(), positions_.view().flat().end(), std::int64_t{0});
  }

  void call() override {
    const View<const float, 1> frequencies(inv_freq_.data(), {inv_freq_.size()});
    reference::rope_table<float>(positions_.view(), frequencies, 1.0, cos_.view(), sin_.view());
    reference::apply_rope<float>(x_.view(), cos_.view(), sin_.view(), rotated_.view());
  }

  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override { return {bytes_of(rotated_)}; }

 private:
  std::vector<float> inv_freq_;
  Tensor<std::int64_t, 2> positions_;
  Tensor<float, 3> cos_;
  Tensor<float, 3> sin_;
  Tensor<float, 4> x_;
  Tensor<float, 4> rotated_;
};

}  // namespace

void add_attention_cases(Registry& registry) {
  for (const std::size_t keys : Sizes{128, 1024}) {
    const auto count = static_cast<double>(keys);
    registry.add({.name = fmt::format("reference/softmax/row/keys:{}", keys),
                  .cost = {5 * count, 9 * count},
                  .make = [=] { return std::make_unique<Softmax>(keys); }});
  }
  for (const Shape& shape : shapes) {
    constexpr std::size_t tokens = 8;
    const auto values = static_cast<double>(tokens * shape.heads * shape.head_dim);
    registry.add({.name = fmt::format("reference/rope/{}/tokens:{}", shape.name, tokens),
                  .cost = {3 * values, 8 * values},
                  .make = [=] { return std::make_unique<Rope>(shape, tokens); }});
  }
}

}  // namespace assay::bench::micro::reference_cases
