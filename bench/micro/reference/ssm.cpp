// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Convolution and recurrence of Mamba2, token after token.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>

#include "bench/micro/reference/cases.hpp"
#include "bench/micro/reference/operands.hpp"
#include "reference/ops/conv.hpp"
#include "reference/ops/ssm.hpp"

namespace assay::bench::micro::reference_cases {
namespace {

using reference::SsmExtents;

struct Shape {
  std::string_view name;
  SsmExtents extents;

  [[nodiscard]] std::size_t inner() const { return extents.heads * extents.head_dim; }
  [[nodiscard]] std::size_t channels() const { return inner() + 2 * extents.groups * extents.state; }
  [[nodiscard]] std::size_t state() const { return inner() * extents.state; }
};

constexpr Shape shapes[] = {{"granite-4.0-h-350m", {.heads = 48, .head_dim = 32, .groups = 1, .state = 128}},
                            {"granite-4.0-h-tiny", {.heads = 48, .head_dim = 64, .groups = 1, .state = 128}}};

constexpr std::size_t taps = 4;

class Scan final : public Operation {
 public:
  Scan(const Shape& shape, std::size_t tokens)
      : extents_(shape.extents),
        per_head_(shape.extents.heads, 1, 1),
        conv_(random_tensor<2>({tokens, shape.channels()}, 2)),
        dt_({tokens, shape.extents.heads}),
        state_({shape.extents.heads, shape.extents.head_dim, shape.extents.state}),
        y_({tokens, shape.inner()}) {
    std::ranges::fill(dt_.view().flat(), 0.05F);
  }

  void call() override {
    const reference::WeightMatrix weights = borrowed(per_head_);
    reference::ssm_scan<float>(conv_.view(), dt_.view(), weights, weights, extents_, state_.view(), y_.view());
  }

  void restart() override { std::ranges::fill(state_.view().flat(), 0.0F); }

  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override {
    return {bytes_of(y_), bytes_of(state_)};
  }

 private:
  SsmExtents extents_;
  StoredMatrix per_head_;
  Tensor<float, 2> conv_;
  Tensor<float, 2> dt_;
  Tensor<float, 3> state_;
  Tensor<float, 2> y_;
};

class Conv final : public Operation {
 public:
  Conv(const Shape& shape, std::size_t tokens)
      : weight_(shape.channels(), taps, 1),
        projected_(random_tensor<2>({tokens, shape.channels()}, 2)),
        history_(random_tensor<2>({shape.channels(), taps}, 3)),
        out_({tokens, shape.channels()}) {}

  void call() override {
    reference::causal_conv<float>(projected_.view(), 0, history_.view(), borrowed(weight_), std::nullopt,
                                  ActivationFunction{}, out_.view());
  }

  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override { return {bytes_of(out_)}; }

 private:
  StoredMatrix weight_;
  Tensor<float, 2> projected_;
  Tensor<float, 2> history_;
  Tensor<float, 2> out_;
};

}  // namespace

void add_ssm_cases(Registry& registry) {
  for (const Shape& shape : shapes) {
    for (const std::size_t tokens : Sizes{1, 8}) {
      const auto count = static_cast<double>(tokens);
      registry.add(
          {.name = fmt::format("reference/ssm_scan/{}/tokens:{}", shape.name, tokens),
           .cost = {5.0 * static_cast<double>(shape.state()) * count, 8.0 * static_cast<double>(shape.state())},
           .make = [=] { return std::make_unique<Scan>(shape, tokens); }});
      registry.add({.name = fmt::format("reference/conv/{}/tokens:{}", shape.name, tokens),
                    .cost = {(2.0 * taps + 4.0) * static_cast<double>(shape.channels()) * count,
                             8.0 * static_cast<double>(shape.channels()) * count},
                    .make = [=] { return std::make_unique<Conv>(shape, tokens); }});
    }
  }
}

}  // namespace assay::bench::micro::reference_cases
