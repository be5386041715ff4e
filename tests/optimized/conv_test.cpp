// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/conv.hpp"

#include "reference/ops/conv.hpp"
#include "tests/optimized/every_target.hpp"
#include "tests/optimized/guarded_rows.hpp"

namespace assay::optimized {
namespace {

using test::expect_same_bits;
using test::GuardedRows;
using test::on_every_target;
using test::random_rows;
using test::random_vector;

/// Channels around a tile of 512 and a vector.
constexpr std::size_t channel_counts[] = {1, 7, 33, 513, 1100};

/// [K, C] as the scalar engine keeps it, [C, K].
Tensor<double, 2> by_channel(const GuardedRows& history) {
  Tensor<double, 2> tensor({history.width(), history.count()});
  for (std::size_t j = 0; j < history.count(); ++j) {
    for (std::size_t channel = 0; channel < history.width(); ++channel) tensor(channel, j) = history.span(j)[channel];
  }
  return tensor;
}

GuardedRows conv_of(const GuardedRows& u, const GuardedRows& history, const std::vector<float>& taps, const float* bias,
                    std::size_t threads = 1, Activation act = Activation::silu) {
  GuardedRows out(u.count(), u.width());
  causal_conv(u.rows(), history.rows(), taps.data(), bias, {.kind = act}, out.rows(), Threads(threads));
  return out;
}

/// The scalar engine's, with the taps [K, C] given as it reads them, [C, K].
Tensor<double, 2> right_conv_of(const GuardedRows& u, const GuardedRows& history, const std::vector<float>& taps,
                                const std::vector<float>* bias, Activation act = Activation::silu) {
  const std::size_t width = history.count();
  const std::size_t channels = u.width();
  std::vector<float> stored(taps.size());
  for (std::size_t channel = 0; channel < channels; ++channel) {
    for (std::size_t j = 0; j < width; ++j) stored[channel * width + j] = taps[j * channels + channel];
  }
  const auto matrix = [](const std::vector<float>& values, std::size_t rows) {
    return reference::WeightMatrix{DType::f32, reinterpret_cast<const std::byte*>(values.data()), rows,
                                   values.size() / rows};
  };
  Tensor<double, 2> out({u.count(), channels});
  reference::causal_conv<double>(u.doubles().view(), 0, by_channel(history).view(), matrix(stored, channels),
                                 bias == nullptr ? std::nullopt : std::optional(matrix(*bias, 1)), {.kind = act},
                                 out.view());
  return out;
}

TEST(OptimizedCausalConv, AgreesWithTheScalarEngineAtAnyLengthAndWidth) {
  on_every_target([] {
    for (const std::size_t width : {2U, 3U, 4U, 5U}) {
      for (const std::size_t channels : channel_counts) {
        for (const std::size_t tokens : {1U, 2U, 9U}) {
          const GuardedRows u = random_rows(tokens, channels, 1);
          const GuardedRows history = random_rows(width, channels, 2);
          const std::vector<float> taps = random_vector(width * channels, 3);
          const std::vector<float> bias = random_vector(channels, 4);
          // Each of K sums of at most K + 1 rounds twice without a fused multiply-add, silu is at most 1.1 times as
          // steep, and has 4 roundings of its own.
          const auto terms = static_cast<double>(width + 1);
          expect_rounded(conv_of(u, history, taps, bias.data()), right_conv_of(u, history, taps, &bias), 4.0,
                         1.1 * 2 * terms * terms * test::rounding);
          expect_rounded(conv_of(u, history, taps, nullptr), right_conv_of(u, history, taps, nullptr), 4.0,
                         1.1 * 2 * terms * terms * test::rounding);
        }
      }
    }
  });
}

TEST(OptimizedCausalConv, ComputesEveryActivation) {
  on_every_target([] {
    for (const Activation act : all_activations()) {
      for (const std::size_t width : {3U, 4U}) {
        const GuardedRows u = random_rows(2, 521, 14);
        const GuardedRows history = random_rows(width, 521, 15);
        const std::vector<float> taps = random_vector(width * 521, 16);
        const std::vector<float> bias = random_vector(521, 17);
        // As above; |x| is at most 5, where relu2 and xielu are up to 10 times as steep as x.
        const auto terms = static_cast<double>(width + 1);
        expect_rounded(conv_of(u, history, taps, bias.data(), 1, act), right_conv_of(u, history, taps, &bias, act), 4.0,
                       10.0 * 2 * terms * terms * test::rounding);
      }
    }
  });
}

TEST(OptimizedCausalConv, HasTheSameBitsOnThreeThreads) {
  for (const std::size_t width : {3U, 4U}) {
    const GuardedRows u = random_rows(17, 1100, 5);
    const GuardedRows history = random_rows(width, 1100, 6);
    const std::vector<float> taps = random_vector(width * 1100, 7);
    const std::vector<float> bias = random_vector(1100, 8);
    expect_same_bits(conv_of(u, history, taps, bias.data(), 3), conv_of(u, history, taps, bias.data()));
  }
}

TEST(OptimizedCausalConv, HasTheSameBitsOneTokenAtATime) {
  const GuardedRows u = random_rows(7, 100, 9);
  const std::vector<float> taps = random_vector(400, 10);
  const GuardedRows history = random_rows(4, 100, 11);
  const GuardedRows whole = conv_of(u, history, taps, nullptr);
  GuardedRows window = history;
  GuardedRows steps(7, 100);
  for (std::size_t t = 0; t < 7; ++t) {
    causal_conv(u.rows().part(t, 1), window.rows(), taps.data(), nullptr, {}, steps.rows().part(t, 1), Threads(1));
    update_conv_history(u.rows().part(t, 1), window.rows());
  }
  expect_same_bits(steps, whole);
}

TEST(OptimizedUpdateConvHistory, KeepsTheLastColumnsOfHistoryAndTokens) {
  for (const std::size_t tokens : {1U, 2U, 3U, 4U, 5U, 9U}) {
    const GuardedRows u = random_rows(tokens, 33, 12);
    GuardedRows history = random_rows(4, 33, 13);
    Tensor<double, 2> expected = by_channel(history);
    reference::update_conv_state<double>(u.doubles().view(), 0, expected.view());
    update_conv_history(u.rows(), history.rows());
    for (std::size_t j = 0; j < 4; ++j) {
      for (std::size_t channel = 0; channel < 33; ++channel) {
        EXPECT_EQ(static_cast<double>(history.span(j)[channel]), expected(channel, j)) << tokens << " tokens";
      }
    }
  }
}

}  // namespace
}  // namespace assay::optimized
