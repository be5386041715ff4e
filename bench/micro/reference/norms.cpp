// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The three norms.
#include <fmt/format.h>

#include <memory>
#include <string_view>

#include "bench/micro/reference/cases.hpp"
#include "bench/micro/reference/operands.hpp"
#include "reference/ops/norm.hpp"

namespace assay::bench::micro::reference_cases {
namespace {

enum class Kind { rms_norm, layer_norm, gated_norm };

struct Shape {
  Kind kind;
  std::string_view op;
  std::string_view name;
  std::size_t width;
};

constexpr Shape shapes[] = {{Kind::rms_norm, "rms_norm", "granite-3.0-1b-a400m", 1024},
                            {Kind::layer_norm, "layer_norm", "Phi-mini-MoE", 4096},
                            {Kind::gated_norm, "gated_norm", "granite-4.0-h-350m", 1536}};

class Norm final : public Operation {
 public:
  Norm(const Shape& shape, std::size_t tokens)
      : kind_(shape.kind),
        weight_(1, shape.width, 1),
        bias_(1, shape.width, 2),
        x_(random_tensor<2>({tokens, shape.width}, 3)),
        gate_(random_tensor<2>({tokens, shape.width}, 4)),
        y_({tokens, shape.width}) {}

  void call() override {
    constexpr double epsilon = 1e-5;
    switch (kind_) {
      case Kind::rms_norm:
        return reference::rms_norm<float>(x_.view(), borrowed(weight_), epsilon, y_.view());
      case Kind::layer_norm:
        return reference::layer_norm<float>(x_.view(), borrowed(weight_), borrowed(bias_), epsilon, y_.view());
      case Kind::gated_norm:
        return reference::gated_rms_norm<float>(x_.view(), gate_.view(), borrowed(weight_), 1, epsilon, y_.view());
    }
  }

  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override { return {bytes_of(y_)}; }

 private:
  Kind kind_;
  StoredMatrix weight_;
  StoredMatrix bias_;
  Tensor<float, 2> x_;
  Tensor<float, 2> gate_;
  Tensor<float, 2> y_;
};

}  // namespace

void add_norm_cases(Registry& registry) {
  for (const Shape& shape : shapes) {
    constexpr std::size_t tokens = 8;
    const auto elements = static_cast<double>(tokens * shape.width);
    registry.add({.name = fmt::format("reference/{}/{}/tokens:{}", shape.op, shape.name, tokens),
                  .cost = {(shape.kind == Kind::gated_norm ? 9 : 4) * elements, 8 * elements},
                  .make = [=] { return std::make_unique<Norm>(shape, tokens); }});
  }
}

}  // namespace assay::bench::micro::reference_cases
