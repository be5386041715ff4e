// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The three norms. FLOP counts 4 for each element, and 5 more for the gate.
#include <fmt/format.h>

#include <memory>
#include <string_view>

#include "bench/micro/optimized/cases.hpp"
#include "bench/micro/optimized/operands.hpp"
#include "optimized/ops/norm.hpp"

namespace assay::bench::micro::optimized_cases {
namespace {

enum class Kind { rms_norm, layer_norm, gated_norm };

struct Shape {
  Kind kind;
  std::string_view op;
  std::string_view name;
  std::size_t width;
};

constexpr Shape shapes[] = {{Kind::rms_norm, "rms_norm", "granite-3.0-1b-a400m", 1024},
                            {Kind::rms_norm, "rms_norm", "granite-4.0-h-tiny", 1536},
                            {Kind::layer_norm, "layer_norm", "Phi-mini-MoE", 4096},
                            {Kind::gated_norm, "gated_norm", "granite-4.0-h-350m", 1536},
                            {Kind::gated_norm, "gated_norm", "granite-4.0-h-tiny", 3072}};

constexpr double epsilon = 1e-5;

class Norm final : public OptimizedOperation {
 public:
  Norm(const Shape& shape, std::size_t tokens, std::size_t threads_count)
      : OptimizedOperation(threads_count),
        kind_(shape.kind),
        x_(random_rows(tokens, shape.width)),
        gate_(random_rows(tokens, shape.width)),
        weight_(random(shape.width)),
        bias_(random(shape.width)),
        y_(zero_rows(tokens, shape.width)) {
    computes(y_);
  }

  void call() override {
    switch (kind_) {
      case Kind::rms_norm:
        return optimized::rms_norm(x_, weight_, epsilon, y_, threads());
      case Kind::layer_norm:
        return optimized::layer_norm(x_, weight_, bias_, epsilon, y_, threads());
      case Kind::gated_norm:
        return optimized::gated_rms_norm(x_, gate_, weight_, 1, epsilon, y_, threads());
    }
  }

 private:
  Kind kind_;
  Rows<float> x_;
  Rows<float> gate_;
  std::span<float> weight_;
  std::span<float> bias_;
  Rows<float> y_;
};

}  // namespace

void add_norm_cases(Registry& registry) {
  for (const Shape& shape : shapes) {
    const bool gated = shape.kind == Kind::gated_norm;
    for (const std::size_t tokens : Sizes{1, 64, 128, 512}) {
      for (const std::size_t threads : thread_counts) {
        const std::size_t elements = tokens * shape.width;
        registry.add(
            {.name = fmt::format("optimized/{}/{}/tokens:{}/threads:{}", shape.op, shape.name, tokens, threads),
             .cost = {(gated ? 9.0 : 4.0) * static_cast<double>(elements),
                      float_bytes((gated ? 3 : 2) * elements + shape.width)},
             .threads = threads,
             .make = [=] { return std::make_unique<Norm>(shape, tokens, threads); }});
      }
    }
  }
}

}  // namespace assay::bench::micro::optimized_cases
