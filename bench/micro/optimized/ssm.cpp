// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What stands between the projections of Mamba2: convolution, time steps, scan over a prompt, step of a token. FLOP of
// the scan are those of the recurrence, 5 for each element of the state and token; its chunked form computes others.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "bench/micro/optimized/cases.hpp"
#include "bench/micro/optimized/operands.hpp"
#include "optimized/ops/conv.hpp"
#include "optimized/ops/ssm_scan.hpp"
#include "optimized/ops/ssm_step.hpp"
#include "optimized/ops/time_steps.hpp"

namespace assay::bench::micro::optimized_cases {
namespace {

using optimized::SsmExtents;

struct Shape {
  std::string_view name;
  SsmExtents extents;

  [[nodiscard]] std::size_t inner() const { return extents.heads * extents.head_dim; }
  [[nodiscard]] std::size_t group_width() const { return extents.groups * extents.state; }
  [[nodiscard]] std::size_t channels() const { return inner() + 2 * group_width(); }
  [[nodiscard]] std::size_t state() const { return inner() * extents.state; }
};

constexpr std::array<Shape, 2> shapes{
    {{"granite-4.0-h-350m", {.heads = 48, .head_dim = 32, .groups = 1, .state = 128}},
     {"granite-4.0-h-tiny", {.heads = 48, .head_dim = 64, .groups = 1, .state = 128}}}};

constexpr std::size_t taps = 4;

/// Inputs of both forms of the recurrence, for `tokens` rows and `batch` states.
class Recurrence : public OptimizedOperation {
 public:
  void restart() override { std::ranges::fill(state, 0.0F); }

 protected:
  Recurrence(const Shape& shape, std::size_t tokens, std::size_t batch, std::size_t scratch, std::size_t threads_count)
      : OptimizedOperation(threads_count, tokens * (shape.channels() + shape.inner() + shape.extents.heads) +
                                              batch * shape.state() + scratch + slack),
        extents(shape.extents),
        rows(random_rows(tokens, shape.channels())),
        x(rows.columns(0, shape.inner())),
        b(rows.columns(shape.inner(), shape.group_width())),
        c(rows.columns(shape.inner() + shape.group_width(), shape.group_width())),
        dt(random_rows(tokens, shape.extents.heads)),
        decay(zeros(shape.extents.heads)),
        d_skip(random(shape.extents.heads)),
        state(zeros(batch * shape.state())),
        y(zero_rows(tokens, shape.inner())) {
    for (float& step : std::span(dt.data, tokens * shape.extents.heads)) step = 0.05F * (step + 1.5F);
    for (std::size_t head = 0; head < decay.size(); ++head) decay[head] = -1.0F - static_cast<float>(head) / 16.0F;
    computes(y);
    computes(state);
  }

  static constexpr std::size_t slack = 4096;

  SsmExtents extents;
  Rows<float> rows;
  Rows<float> x;
  Rows<float> b;
  Rows<float> c;
  Rows<float> dt;
  std::span<float> decay;
  std::span<float> d_skip;
  std::span<float> state;
  Rows<float> y;
};

class Scan final : public Recurrence {
 public:
  Scan(const Shape& shape, std::size_t tokens, std::size_t threads_count)
      : Recurrence(shape, tokens, 1, scratch_floats(shape, tokens, threads_count), threads_count),
        scratch_(zeros(scratch_floats(shape, tokens, threads_count)).data()) {}

  void call() override {
    optimized::ssm_scan(x, b, c, dt, decay, d_skip, extents, {}, state.data(), y, scratch_, threads());
  }

 private:
  static std::size_t scratch_floats(const Shape& shape, std::size_t tokens, std::size_t threads_count) {
    return threads_count * optimized::ssm_scan_scratch(shape.extents, tokens, 1);
  }

  float* scratch_;
};

class Step final : public Recurrence {
 public:
  Step(const Shape& shape, std::size_t batch, std::size_t threads_count)
      : Recurrence(shape, batch, batch, 0, threads_count) {}

  void call() override { optimized::ssm_step(x, b, c, dt, decay, d_skip, extents, state.data(), y, threads()); }
};

class Conv final : public OptimizedOperation {
 public:
  Conv(const Shape& shape, std::size_t tokens, std::size_t threads_count)
      : OptimizedOperation(threads_count, (2 * tokens + 2 * taps + 2) * shape.channels()),
        u_(random_rows(tokens, shape.channels())),
        history_(random_rows(taps, shape.channels())),
        taps_(random(taps * shape.channels())),
        bias_(random(shape.channels())),
        out_(zero_rows(tokens, shape.channels())) {
    computes(out_);
  }

  void call() override {
    optimized::causal_conv(u_, history_, taps_.data(), bias_.data(), ActivationFunction{}, out_, threads());
  }

 private:
  Rows<float> u_;
  Rows<float> history_;
  std::span<float> taps_;
  std::span<float> bias_;
  Rows<float> out_;
};

class TimeSteps final : public OptimizedOperation {
 public:
  TimeSteps(const Shape& shape, std::size_t tokens, std::size_t threads_count)
      : OptimizedOperation(threads_count),
        raw_(random_rows(tokens, shape.extents.heads)),
        bias_(random(shape.extents.heads)),
        dt_(zero_rows(tokens, shape.extents.heads)) {
    computes(dt_);
  }

  void call() override { optimized::time_steps(raw_, bias_, 0.0, 1e9, dt_, threads()); }

 private:
  Rows<float> raw_;
  std::span<float> bias_;
  Rows<float> dt_;
};

void add_of_tokens(Registry& registry, const Shape& shape, std::size_t tokens, std::size_t threads) {
  const auto count = static_cast<double>(tokens);
  registry.add({.name = fmt::format("optimized/ssm_scan/{}/tokens:{}/threads:{}", shape.name, tokens, threads),
                .cost = {5.0 * static_cast<double>(shape.state()) * count,
                         float_bytes(2 * shape.state() + tokens * (shape.channels() + shape.inner()))},
                .threads = threads,
                .make = [=] { return std::make_unique<Scan>(shape, tokens, threads); }});
  constexpr double silu_flops = 4;
  registry.add({.name = fmt::format("optimized/conv/{}/tokens:{}/threads:{}", shape.name, tokens, threads),
                .cost = {(2.0 * taps + silu_flops) * static_cast<double>(shape.channels()) * count,
                         float_bytes((2 * tokens + taps) * shape.channels())},
                .threads = threads,
                .make = [=] { return std::make_unique<Conv>(shape, tokens, threads); }});
  constexpr double softplus_flops = 4;
  registry.add({.name = fmt::format("optimized/time_steps/{}/tokens:{}/threads:{}", shape.name, tokens, threads),
                .cost = {softplus_flops * count * static_cast<double>(shape.extents.heads),
                         float_bytes(2 * tokens * shape.extents.heads)},
                .threads = threads,
                .make = [=] { return std::make_unique<TimeSteps>(shape, tokens, threads); }});
}

void add_step(Registry& registry, const Shape& shape, std::size_t batch, std::size_t threads) {
  const std::size_t state_bytes = batch * shape.state() * sizeof(float);
  registry.add({.name = fmt::format("optimized/ssm_step/{}/batch:{}/threads:{}", shape.name, batch, threads),
                .cost = {5.0 * static_cast<double>(batch * shape.state()), 2.0 * static_cast<double>(state_bytes)},
                .threads = threads,
                .cold_bytes = state_bytes,
                .held_bytes = state_bytes + (std::size_t{2} << 20U),
                .make = [=] { return std::make_unique<Step>(shape, batch, threads); }});
}

}  // namespace

void add_ssm_cases(Registry& registry) {
  for (const Shape& shape : shapes) {
    for (const std::size_t threads : thread_counts) {
      for (const std::size_t tokens : Sizes{64, 128, 512, 4096}) add_of_tokens(registry, shape, tokens, threads);
      for (const std::size_t batch : Sizes{1, 8}) add_step(registry, shape, batch, threads);
    }
  }
}

}  // namespace assay::bench::micro::optimized_cases
