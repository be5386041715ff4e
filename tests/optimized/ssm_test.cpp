// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The selective scan and its single step against the reference's recurrence in float64 on the same float32 inputs.
#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "model/tensor.hpp"
#include "optimized/aligned_buffer.hpp"
#include "optimized/ops/ssm_scan.hpp"
#include "optimized/ops/ssm_step.hpp"
#include "reference/ops/ssm.hpp"
#include "tests/reference/numbers.hpp"

namespace assay::optimized {
namespace {

using test::vector_of;

/// Limits of relative l2 errors. The chunked form rounds each exponential, decay and product on its own, some 4
/// roundings of up to 6e-8 that do not add up over time. Where there is a handful of tokens all channels of y share one
/// rounded C_t . B_s of 128 terms (off by 2e-7 of its usual size, 0.28 sqrt(N) 6e-8), and one that happens to be small
/// is not evened out by others.
double scan_limit(std::size_t length) { return length < 16 ? 6e-7 : 3e-7; }

/// Single steps round the state and its decay at every token, and what they leave lives as long as the state.
double step_limit(std::size_t length) { return 3e-7 + 6e-8 * std::sqrt(2.0 * static_cast<double>(length)); }

enum class Start { zero, random };

struct Problem {
  SsmExtents extents;
  std::size_t length;
  double least_dt;  // log-uniform
  double most_dt;
  Start start;
};

/// Inputs as they come out of a convolution: x, B and C side by side in wider rows, with a margin that nobody reads.
struct Inputs {
  std::size_t inner;
  std::size_t groups_state;
  std::size_t width;
  std::vector<float> conv_out;  // [L, Im + 2 G N + margin]
  std::vector<float> dt;        // [L, Hm]
  std::vector<float> decay;     // [Hm], -1 to -16
  std::vector<float> d_skip;    // [Hm]
  std::vector<float> state;     // [Hm, P, N]
};

Inputs inputs_of(const Problem& problem) {
  const SsmExtents& extents = problem.extents;
  std::mt19937 random(static_cast<unsigned>(problem.length));
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<double> uniform(0, 1);
  Inputs inputs;
  inputs.inner = extents.heads * extents.head_dim;
  inputs.groups_state = extents.groups * extents.state;
  inputs.width = inputs.inner + 2 * inputs.groups_state + 3;
  inputs.conv_out.resize(problem.length * inputs.width);
  for (float& value : inputs.conv_out) value = normal(random);
  inputs.dt.resize(problem.length * extents.heads);
  for (float& value : inputs.dt) {
    value = static_cast<float>(problem.least_dt * std::pow(problem.most_dt / problem.least_dt, uniform(random)));
  }
  for (std::size_t head = 0; head < extents.heads; ++head) {
    inputs.decay.push_back(-static_cast<float>(1 + 15 * uniform(random)));
    inputs.d_skip.push_back(normal(random));
  }
  inputs.state.assign(inputs.inner * extents.state, 0.0F);
  if (problem.start == Start::random) {
    for (float& value : inputs.state) value = normal(random);
  }
  return inputs;
}

struct Result {
  std::vector<float> y;      // [L, Im]
  std::vector<float> state;  // [Hm, P, N]
};

Rows<const float> conv_rows(const Inputs& inputs) {
  return dense<const float>(inputs.conv_out.data(), inputs.conv_out.size() / inputs.width, inputs.width);
}

/// Tokens first to first + count - 1 into the rows of `result`.
void scan_part(const SsmExtents& extents, const Inputs& inputs, std::size_t first, std::size_t count,
               std::size_t threads, Result& result, std::span<const std::int64_t> cu_seq_lens = {}) {
  const Rows<const float> conv_out = conv_rows(inputs).part(first, count);
  const std::size_t sequences = cu_seq_lens.empty() ? 1 : cu_seq_lens.size() - 1;
  const AlignedBuffer scratch(threads * ssm_scan_scratch(extents, count, sequences) * sizeof(float));
  std::ranges::fill(scratch.bytes(), std::byte{0xFF});
  ssm_scan(conv_out.columns(0, inputs.inner), conv_out.columns(inputs.inner, inputs.groups_state),
           conv_out.columns(inputs.inner + inputs.groups_state, inputs.groups_state),
           dense(inputs.dt.data() + first * extents.heads, count, extents.heads), inputs.decay, inputs.d_skip, extents,
           cu_seq_lens, result.state.data(), dense(result.y.data() + first * inputs.inner, count, inputs.inner),
           scratch.as<float>(), Threads(threads));
}

Result scan_of(const SsmExtents& extents, const Inputs& inputs, std::size_t threads) {
  const std::size_t length = inputs.dt.size() / extents.heads;
  Result result{std::vector<float>(length * inputs.inner), inputs.state};
  scan_part(extents, inputs, 0, length, threads, result);
  return result;
}

/// Every token of its own: each row of dt and so on is one step of a batch of one.
Result steps_of(const SsmExtents& extents, const Inputs& inputs, std::size_t threads) {
  const std::size_t length = inputs.dt.size() / extents.heads;
  Result result{std::vector<float>(length * inputs.inner), inputs.state};
  for (std::size_t t = 0; t < length; ++t) {
    const Rows<const float> conv_out = conv_rows(inputs).part(t, 1);
    ssm_step(conv_out.columns(0, inputs.inner), conv_out.columns(inputs.inner, inputs.groups_state),
             conv_out.columns(inputs.inner + inputs.groups_state, inputs.groups_state),
             dense(inputs.dt.data() + t * extents.heads, 1, extents.heads), inputs.decay, inputs.d_skip, extents,
             result.state.data(), dense(result.y.data() + t * inputs.inner, 1, inputs.inner), Threads(threads));
  }
  return result;
}

struct Expected {
  Tensor<double, 2> y;
  Tensor<double, 3> state;
};

Expected expected_of(const SsmExtents& extents, const Inputs& inputs) {
  const std::size_t length = inputs.dt.size() / extents.heads;
  const std::size_t width = inputs.inner + 2 * inputs.groups_state;
  Tensor<double, 2> conv_out({length, width});
  for (std::size_t t = 0; t < length; ++t) {
    for (std::size_t i = 0; i < width; ++i) {
      conv_out(t, i) = static_cast<double>(inputs.conv_out[t * inputs.width + i]);
    }
  }
  Tensor<double, 2> dt({length, extents.heads});
  std::ranges::copy(inputs.dt, dt.view().flat().begin());
  std::vector<double> a_log;
  for (const float decay : inputs.decay) a_log.push_back(std::log(-static_cast<double>(decay)));
  Expected expected{Tensor<double, 2>({length, inputs.inner}),
                    Tensor<double, 3>({extents.heads, extents.head_dim, extents.state})};
  std::ranges::copy(inputs.state, expected.state.view().flat().begin());
  reference::ssm_scan<double>(
      conv_out.view(), dt.view(), vector_of(a_log).matrix(),
      vector_of(std::vector<double>(inputs.d_skip.begin(), inputs.d_skip.end())).matrix(),
      {.heads = extents.heads, .head_dim = extents.head_dim, .groups = extents.groups, .state = extents.state},
      expected.state.view(), expected.y.view());
  return expected;
}

double relative_l2(const std::vector<float>& actual, std::span<const double> expected) {
  EXPECT_EQ(actual.size(), expected.size());
  double error = 0;
  double size = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double difference = static_cast<double>(actual[i]) - expected[i];
    error += difference * difference;
    size += expected[i] * expected[i];
  }
  return std::sqrt(error / size);
}

void expect_close(const Result& result, Expected& expected, double limit, const std::string& what) {
  const double of_y = relative_l2(result.y, expected.y.view().flat());
  const double of_state = relative_l2(result.state, expected.state.view().flat());
  EXPECT_TRUE(of_y <= limit) << what << ": y is off by " << of_y;
  EXPECT_TRUE(of_state <= limit) << what << ": the state is off by " << of_state;
}

std::string name_of(const Problem& problem) {
  return "Hm " + std::to_string(problem.extents.heads) + ", P " + std::to_string(problem.extents.head_dim) + ", G " +
         std::to_string(problem.extents.groups) + ", N " + std::to_string(problem.extents.state) + ", L " +
         std::to_string(problem.length) + ", dt to " + std::to_string(problem.most_dt) +
         (problem.start == Start::random ? ", from a state" : "");
}

/// Lengths around the borders of chunks and of what is packed at once, extents that fill no panel, decays from slow
/// to all at once.
std::vector<Problem> problems() {
  std::vector<Problem> all;
  for (const Start start : {Start::zero, Start::random}) {
    for (const double most_dt : {0.1, 20.0}) {
      for (const std::size_t length : {1U, 5U, 63U, 64U, 65U, 71U, 72U, 73U, 200U, 600U}) {
        all.push_back({{.heads = 2, .head_dim = 32, .groups = 1, .state = 128}, length, 1e-3, most_dt, start});
        all.push_back({{.heads = 6, .head_dim = 8, .groups = 3, .state = 16}, length, 1e-3, most_dt, start});
        all.push_back({{.heads = 4, .head_dim = 19, .groups = 2, .state = 13}, length, 1e-3, most_dt, start});
      }
    }
  }
  return all;
}

TEST(SsmScan, AgreesWithTheRecurrence) {
  for (const Problem& problem : problems()) {
    const Inputs inputs = inputs_of(problem);
    Expected expected = expected_of(problem.extents, inputs);
    expect_close(scan_of(problem.extents, inputs, 1), expected, scan_limit(problem.length), name_of(problem));
  }
}

/// Lengths of one token, of less than a chunk, of a chunk and around it, and more sequences than are packed at once.
TEST(SsmScan, GivesEachPackedSequenceTheBitsThatItHasAlone) {
  const std::vector<std::size_t> lengths{5, 1, 72, 73, 2, 144, 71, 1, 1, 3, 90};
  std::vector<std::int64_t> cu_seq_lens{0};
  for (const std::size_t length : lengths)
    cu_seq_lens.push_back(cu_seq_lens.back() + static_cast<std::int64_t>(length));
  const Problem problem{{.heads = 4, .head_dim = 19, .groups = 2, .state = 13},
                        static_cast<std::size_t>(cu_seq_lens.back()),
                        1e-3,
                        0.1,
                        Start::zero};
  const Inputs inputs = inputs_of(problem);
  Result alone{std::vector<float>(problem.length * inputs.inner), {}};
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    alone.state = inputs.state;
    scan_part(problem.extents, inputs, static_cast<std::size_t>(cu_seq_lens[i]), lengths[i], 1, alone);
  }
  for (const std::size_t threads : {1U, 2U, 3U, 7U}) {
    Result packed{std::vector<float>(problem.length * inputs.inner), inputs.state};
    scan_part(problem.extents, inputs, 0, problem.length, threads, packed, cu_seq_lens);
    EXPECT_EQ(packed.y, alone.y) << threads << " threads";
    EXPECT_EQ(packed.state, alone.state) << "of the last sequence";
  }
}

TEST(SsmStep, AgreesWithTheRecurrence) {
  for (const Problem& problem : problems()) {
    const Inputs inputs = inputs_of(problem);
    Expected expected = expected_of(problem.extents, inputs);
    expect_close(steps_of(problem.extents, inputs, 1), expected, step_limit(problem.length), name_of(problem));
  }
}

TEST(SsmScan, AgreesOnEveryVectorWidth) {
  // A tile's narrow side takes one vector or several.
  const Problem problem{{.heads = 4, .head_dim = 19, .groups = 2, .state = 13}, 100, 1e-3, 0.1, Start::random};
  const Inputs inputs = inputs_of(problem);
  Expected expected = expected_of(problem.extents, inputs);
  const std::vector<std::int64_t> targets = hwy::SupportedAndGeneratedTargets();
  EXPECT_FALSE(targets.empty());
  for (const std::int64_t target : targets) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();
    expect_close(scan_of(problem.extents, inputs, 1), expected, scan_limit(problem.length),
                 std::string("scan, ") + hwy::TargetName(target));
    expect_close(steps_of(problem.extents, inputs, 1), expected, step_limit(problem.length),
                 std::string("steps, ") + hwy::TargetName(target));
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
}

TEST(SsmScan, KeepsSmallDecaysExactAfterAHugeOne) {
  // One step of dt = 2000 takes the sums to -32000, whose float32 neighbours are 0.002 apart; the steps after it
  // decay by a thousandth each.
  Problem problem{{.heads = 2, .head_dim = 16, .groups = 1, .state = 16}, 80, 1e-4, 1e-4, Start::random};
  Inputs inputs = inputs_of(problem);
  inputs.dt[2 * problem.extents.heads] = inputs.dt[2 * problem.extents.heads + 1] = 2000.0F;
  Expected expected = expected_of(problem.extents, inputs);
  expect_close(scan_of(problem.extents, inputs, 1), expected, scan_limit(problem.length), name_of(problem));
}

TEST(SsmScan, KeepsItsStateWhereEveryStepIsZero) {
  const Problem problem{{.heads = 2, .head_dim = 5, .groups = 1, .state = 7}, 70, 1, 1, Start::random};
  Inputs inputs = inputs_of(problem);
  std::ranges::fill(inputs.dt, 0.0F);
  EXPECT_EQ(scan_of(problem.extents, inputs, 1).state, inputs.state);
  EXPECT_EQ(steps_of(problem.extents, inputs, 1).state, inputs.state);
}

TEST(SsmScan, GivesTheSameBitsOnAnyNumberOfThreads) {
  const Problem problem{{.heads = 6, .head_dim = 19, .groups = 2, .state = 13}, 700, 1e-3, 0.1, Start::random};
  const Inputs inputs = inputs_of(problem);
  const Result one = scan_of(problem.extents, inputs, 1);
  const Result step_one = steps_of(problem.extents, inputs, 1);
  for (const std::size_t threads : {2U, 3U, 8U}) {
    const Result many = scan_of(problem.extents, inputs, threads);
    EXPECT_EQ(many.y, one.y) << threads << " threads";
    EXPECT_EQ(many.state, one.state) << threads << " threads";
    const Result step_many = steps_of(problem.extents, inputs, threads);
    EXPECT_EQ(step_many.y, step_one.y) << threads << " threads";
    EXPECT_EQ(step_many.state, step_one.state) << threads << " threads";
  }
}

TEST(SsmScan, CarriesItsStateFromCallToCall) {
  const Problem problem{{.heads = 4, .head_dim = 19, .groups = 2, .state = 13}, 200, 1e-3, 0.1, Start::random};
  const Inputs inputs = inputs_of(problem);
  Expected expected = expected_of(problem.extents, inputs);
  Result parts{std::vector<float>(problem.length * inputs.inner), inputs.state};
  scan_part(problem.extents, inputs, 0, 110, 1, parts);
  scan_part(problem.extents, inputs, 110, 90, 1, parts);
  expect_close(parts, expected, scan_limit(110), "110 and 90 tokens");
}

TEST(SsmStep, StepsEveryRowOfTheBatchFromItsOwnState) {
  // The first three tokens as the rows of a batch: each row is a scan of one token.
  const Problem problem{{.heads = 4, .head_dim = 6, .groups = 2, .state = 9}, 3, 1e-2, 0.1, Start::random};
  const SsmExtents& extents = problem.extents;
  const Inputs inputs = inputs_of(problem);
  std::vector<float> state;
  for (int row = 1; row <= 3; ++row) {
    for (const float value : inputs.state) state.push_back(value * static_cast<float>(row));
  }
  const std::vector<float> start = state;
  std::vector<float> y(3 * inputs.inner);
  const Rows<const float> conv_out = conv_rows(inputs);
  ssm_step(conv_out.columns(0, inputs.inner), conv_out.columns(inputs.inner, inputs.groups_state),
           conv_out.columns(inputs.inner + inputs.groups_state, inputs.groups_state),
           dense(inputs.dt.data(), 3, extents.heads), inputs.decay, inputs.d_skip, extents, state.data(),
           dense(y.data(), 3, inputs.inner), Threads(2));
  const std::size_t size = inputs.state.size();
  for (std::size_t row = 0; row < 3; ++row) {
    Inputs alone = inputs;
    alone.conv_out.assign(conv_out[row], conv_out[row] + inputs.width);
    alone.dt.assign(inputs.dt.begin() + static_cast<std::ptrdiff_t>(row * extents.heads),
                    inputs.dt.begin() + static_cast<std::ptrdiff_t>((row + 1) * extents.heads));
    alone.state.assign(start.begin() + static_cast<std::ptrdiff_t>(row * size),
                       start.begin() + static_cast<std::ptrdiff_t>((row + 1) * size));
    Expected expected = expected_of(extents, alone);
    const auto part = [&](const std::vector<float>& all, std::size_t width) {
      return std::vector<float>(all.begin() + static_cast<std::ptrdiff_t>(row * width),
                                all.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
    };
    expect_close({part(y, inputs.inner), part(state, size)}, expected, step_limit(1), "row " + std::to_string(row));
  }
}

}  // namespace
}  // namespace assay::optimized
