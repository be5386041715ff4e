// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Products with stored weights, which are widened a row at a time.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string_view>

#include "bench/micro/reference/cases.hpp"
#include "bench/micro/reference/operands.hpp"
#include "reference/ops/linear.hpp"

namespace assay::bench::micro::reference_cases {
namespace {

struct Product {
  std::string_view name;
  std::size_t inputs;
  std::size_t outputs;
};

constexpr Product products[] = {{"granite-3.0-1b-a400m.o_proj", 1024, 1024},
                                {"granite-4.0-h-tiny.in_proj", 1536, 6448}};

class Linear final : public Operation {
 public:
  Linear(const Product& product, std::size_t tokens)
      : weight_(product.outputs, product.inputs, 1),
        x_(random_tensor<2>({tokens, product.inputs}, 2)),
        y_({tokens, product.outputs}) {}

  void call() override { reference::linear<float>(x_.view(), borrowed(weight_), std::nullopt, y_.view()); }

  [[nodiscard]] std::vector<std::span<const std::byte>> outputs() const override { return {bytes_of(y_)}; }

 private:
  StoredMatrix weight_;
  Tensor<float, 2> x_;
  Tensor<float, 2> y_;
};

}  // namespace

void add_linear_cases(Registry& registry) {
  for (const Product& product : products) {
    for (const std::size_t tokens : Sizes{1, 8}) {
      const std::size_t weights = product.inputs * product.outputs;
      registry.add({.name = fmt::format("reference/linear/{}/tokens:{}", product.name, tokens),
                    .cost = {2.0 * static_cast<double>(tokens * weights), 2.0 * static_cast<double>(weights)},
                    .make = [=] { return std::make_unique<Linear>(product, tokens); }});
    }
  }
}

}  // namespace assay::bench::micro::reference_cases
