// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/attention.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "model/tensor.hpp"
#include "optimized/aligned_buffer.hpp"
#include "reference/ops/softmax.hpp"
#include "tests/optimized/every_target.hpp"

namespace assay::optimized {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

struct Extents {
  std::size_t heads;
  std::size_t kv_heads;
  std::size_t head_dim;
  std::size_t batch;
  std::size_t queries;
  std::size_t past;  ///< tokens seen before
  std::optional<std::size_t> window{};
};

/// Inputs whose rows are wider, and whose cache is longer, than what is used of them; the rest is NaN.
struct Problem {
  explicit Problem(const Extents& extents, std::uint32_t seed = 1) : random(seed) {
    visibility.batch = extents.batch;
    visibility.queries = extents.queries;
    visibility.first_query = extents.past;
    visibility.window = extents.window;
    if (extents.window && extents.past + 1 > *extents.window) visibility.first_key = extents.past + 1 - *extents.window;
    visibility.keys = extents.past - visibility.first_key + extents.queries;
    const auto d = static_cast<float>(extents.head_dim);
    shape = {extents.heads, extents.kv_heads, extents.head_dim, 1.0F / std::sqrt(d)};
    q.assign(extents.batch * extents.queries * q_stride(), nan);
    for (std::size_t row = 0; row < extents.batch * extents.queries; ++row) {
      for (std::size_t i = 0; i < width(); ++i) q[row * q_stride() + i] = number();
    }
    keys.assign(extents.batch * batch_stride(), nan);
    values.assign(extents.batch * batch_stride(), nan);
    for (std::size_t b = 0; b < extents.batch; ++b) {
      for (std::size_t kv = 0; kv < extents.kv_heads; ++kv) {
        for (std::size_t i = 0; i < visibility.keys * extents.head_dim; ++i) {
          keys[b * batch_stride() + kv * head_stride() + i] = number();
          values[b * batch_stride() + kv * head_stride() + i] = number();
        }
      }
    }
  }

  /// About a normal distribution; the same on every system.
  float number() {
    float sum = 0.0F;
    for (int i = 0; i < 4; ++i) sum += static_cast<float>(random() >> 8U) * 0x1p-24F - 0.5F;
    return sum * 1.7F;
  }

  void hide_first(std::size_t b, std::size_t count) {
    mask.resize(visibility.batch * visibility.keys, 1);
    std::fill_n(mask.begin() + static_cast<std::ptrdiff_t>(b * visibility.keys), count, std::uint8_t{0});
    visibility.key_mask = mask.data();
  }

  void hide_some(std::size_t of) {
    mask.resize(visibility.batch * visibility.keys, 1);
    for (std::uint8_t& shown : mask) shown = random() % of == 0 ? 0 : 1;
    visibility.key_mask = mask.data();
  }

  /// Sequences of about so many tokens.
  void pack(std::size_t length) {
    segments.resize(visibility.batch * visibility.keys);
    for (std::size_t b = 0; b < visibility.batch; ++b) {
      for (std::size_t l = 1; l < visibility.keys; ++l) {
        std::uint32_t* segment = segments.data() + b * visibility.keys + l;
        *segment = *(segment - 1) + (random() % length == 0 ? 1 : 0);
      }
    }
    visibility.segments = segments.data();
  }

  [[nodiscard]] std::size_t width() const { return shape.heads * shape.head_dim; }
  [[nodiscard]] std::size_t q_stride() const { return width() + 3; }
  [[nodiscard]] std::size_t out_stride() const { return width() + 5; }
  [[nodiscard]] std::size_t head_stride() const { return (visibility.keys + 2) * shape.head_dim + 1; }
  [[nodiscard]] std::size_t batch_stride() const { return shape.kv_heads * head_stride() + 7; }

  std::mt19937 random;
  Visibility visibility;
  AttentionShape shape;
  std::vector<float> q;
  std::vector<float> keys;
  std::vector<float> values;
  std::vector<std::uint8_t> mask;
  std::vector<std::uint32_t> segments;
};

enum class Path { prefill, decode };

std::vector<float> run(const Problem& problem, Path path, std::size_t thread_count) {
  const Threads threads(thread_count);
  const Visibility& v = problem.visibility;
  const bool prefill = path == Path::prefill;
  const std::size_t floats = prefill ? attention_prefill_scratch(problem.shape, v.batch, v.queries, v.keys, threads)
                                     : attention_decode_scratch(problem.shape, v.batch, v.queries, v.keys, threads);
  AlignedBuffer scratch(floats * sizeof(float));
  std::fill_n(scratch.as<float>(), floats, nan);
  const std::size_t rows = v.batch * v.queries;
  std::vector<float> out(rows * problem.out_stride(), nan);
  const Rows<const float> q{problem.q.data(), rows, problem.width(), problem.q_stride()};
  const Rows<float> result{out.data(), rows, problem.width(), problem.out_stride()};
  const KeysAndValues cache{problem.keys.data(), problem.values.data(), problem.batch_stride(), problem.head_stride()};
  (prefill ? attention_prefill : attention_decode)(q, cache, v, problem.shape, result, scratch.as<float>(), threads);
  std::vector<float> dense;
  for (std::size_t row = 0; row < rows; ++row) {
    dense.insert(dense.end(), result[row], result[row] + problem.width());
    for (std::size_t i = problem.width(); i < problem.out_stride() && row + 1 < rows; ++i) {
      EXPECT_TRUE(std::isnan(out[row * problem.out_stride() + i])) << "written between the rows";
    }
  }
  return dense;
}

/// What a test wants, and the sums of the absolute products that rounding errors are measured by: an average of many
/// values of either sign is small, its rounding error is not.
struct Expected {
  std::vector<double> values;
  std::vector<double> magnitudes;
};

/// Eager attention in double on the same inputs.
Expected expected(const Problem& problem) {
  const Visibility& v = problem.visibility;
  const AttentionShape& shape = problem.shape;
  Expected out;
  out.values.resize(v.batch * v.queries * problem.width());
  out.magnitudes.resize(out.values.size());
  Tensor<double, 1> scores({v.keys});
  Tensor<double, 1> probs({v.keys});
  Tensor<std::uint8_t, 1> visible({v.keys});
  for (std::size_t b = 0; b < v.batch; ++b) {
    for (std::size_t l = 0; l < v.queries; ++l) {
      for (std::size_t head = 0; head < shape.heads; ++head) {
        const std::size_t kv = head / (shape.heads / shape.kv_heads);
        const std::size_t offset = b * problem.batch_stride() + kv * problem.head_stride();
        const float* q = problem.q.data() + (b * v.queries + l) * problem.q_stride() + head * shape.head_dim;
        const std::size_t place = (b * v.queries + l) * problem.width() + head * shape.head_dim;
        for (std::size_t s = 0; s < v.keys; ++s) {
          visible(s) = sees(v, b, l, s) ? 1 : 0;
          scores(s) = 0.0;
          for (std::size_t i = 0; i < shape.head_dim; ++i) {
            scores(s) += static_cast<double>(q[i]) * static_cast<double>(problem.keys[offset + s * shape.head_dim + i]);
          }
          scores(s) *= static_cast<double>(shape.scale);
        }
        reference::masked_softmax<double>(scores.view(), visible.view(), probs.view());
        for (std::size_t s = 0; s < v.keys; ++s) {
          for (std::size_t i = 0; i < shape.head_dim; ++i) {
            const double product = probs(s) * static_cast<double>(problem.values[offset + s * shape.head_dim + i]);
            out.values[place + i] += product;
            out.magnitudes[place + i] += std::abs(product);
          }
        }
      }
    }
  }
  return out;
}

/// What eager attention of torch in float32 keeps to as well. An exponential is as wrong, relatively, as its score is
/// absolutely, and that comes from a sum of d rounded terms, whose error goes like sqrt(d). `reach` is the greatest
/// score in units of those of the random problems, which are at most about 4.
void expect_close(const std::vector<float>& actual, const Expected& wanted, const std::string& name,
                  std::size_t head_dim, double reach) {
  ASSERT_EQ(actual.size(), wanted.values.size());
  double error = 0.0;
  double norm = 0.0;
  double furthest = 0.0;  // in units in the last place
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double difference = static_cast<double>(actual[i]) - wanted.values[i];
    const double magnitude = wanted.magnitudes[i];
    error += difference * difference;
    norm += magnitude * magnitude;
    const double ulps = std::abs(difference) / (magnitude * 0x1p-23);
    furthest = ulps <= furthest ? furthest : ulps;
  }
  EXPECT_LE(std::sqrt(error / norm), 1.2e-7 * reach) << name;
  EXPECT_LE(furthest, (3.0 + std::sqrt(head_dim) / 2.0) * reach) << name;
}

void expect_right(const Problem& problem, const std::string& name, double reach = 1.0) {
  const Expected wanted = expected(problem);
  expect_close(run(problem, Path::prefill, 2), wanted, name + ", prefill", problem.shape.head_dim, reach);
  expect_close(run(problem, Path::decode, 2), wanted, name + ", decode", problem.shape.head_dim, reach);
}

std::string name_of(const Extents& e) {
  std::string name;
  for (const std::size_t extent : {e.heads, e.kv_heads, e.head_dim, e.batch, e.queries, e.past}) {
    name += std::to_string(extent) + " ";
  }
  return name + "window " + std::to_string(e.window.value_or(0));
}

TEST(Attention, IsEagerAttentionAtAllKindsOfExtents) {
  for (const Extents& extents : std::vector<Extents>{
           {1, 1, 8, 1, 1, 0},    {2, 1, 8, 2, 5, 0},     {4, 2, 20, 3, 17, 0},  {3, 1, 64, 1, 70, 0},
           {6, 2, 64, 2, 33, 0},  {4, 4, 80, 1, 50, 0},   {4, 2, 128, 1, 65, 0}, {5, 1, 13, 2, 45, 0},
           {2, 2, 7, 1, 97, 0},   {2, 1, 1, 1, 40, 0},    {2, 1, 33, 1, 193, 0}, {2, 1, 20, 1, 301, 0},
           {3, 3, 12, 1, 200, 0}, {40, 1, 6, 1, 9, 0},    {150, 1, 4, 1, 3, 0},  {4, 2, 20, 2, 7, 300},
           {6, 2, 64, 1, 1, 300}, {8, 2, 64, 3, 1, 64},   {3, 1, 13, 2, 2, 255}, {4, 1, 128, 1, 4, 260},
           {2, 1, 20, 2, 1, 190}, {2, 2, 20, 1, 100, 130}}) {
    expect_right(Problem(extents), name_of(extents));
  }
}

TEST(Attention, IsEagerAttentionWithEveryInstructionSet) {
  test::on_every_target([] {
    for (const Extents& extents : std::vector<Extents>{
             {6, 2, 20, 2, 37, 0}, {3, 1, 67, 1, 20, 200}, {2, 2, 3, 1, 5, 20}, {4, 1, 64, 1, 1, 30}}) {
      expect_right(Problem(extents), name_of(extents));
    }
  });
}

TEST(Attention, KeepsToTheWindow) {
  for (const std::size_t window : {1U, 2U, 5U, 100U, 250U}) {
    for (const std::size_t past : {0U, 3U, 300U}) {
      for (const std::size_t queries : {1U, 4U, 67U, 210U}) {
        const Extents extents{2, 1, 12, 1, queries, past, window};
        expect_right(Problem(extents), name_of(extents));
      }
    }
  }
}

TEST(Attention, LeavesOutWhatTheMaskHides) {
  for (const Extents& extents : std::vector<Extents>{
           {4, 2, 20, 2, 60, 0}, {3, 1, 13, 2, 5, 400}, {2, 2, 8, 3, 230, 200}, {4, 2, 8, 2, 1, 300}}) {
    Problem holes(extents);
    holes.hide_some(3);
    expect_right(holes, name_of(extents) + ", holes");
    Problem dense_holes(extents);
    dense_holes.hide_some(2);
    dense_holes.visibility.window = 7;
    expect_right(dense_holes, name_of(extents) + ", holes in a window");
  }
}

TEST(Attention, IsUniformOverAllKeysWhereNoneIsSeen) {
  for (const std::size_t padding : {1U, 16U, 40U, 250U, 299U}) {
    Problem problem({4, 2, 10, 2, 300, 0});
    problem.hide_first(1, padding);
    expect_right(problem, "padding of " + std::to_string(padding));
  }
  Problem all_hidden({2, 1, 9, 2, 3, 290});
  all_hidden.hide_first(0, all_hidden.visibility.keys);
  expect_right(all_hidden, "a row of padding");
  Problem by_hand({1, 1, 1, 1, 2, 0});
  by_hand.hide_first(0, 1);
  by_hand.values[0] = 1.0F;
  by_hand.values[1] = 2.0F;
  EXPECT_EQ(run(by_hand, Path::prefill, 1), (std::vector<float>{1.5F, 2.0F}));
  EXPECT_EQ(run(by_hand, Path::decode, 1), (std::vector<float>{1.5F, 2.0F}));
}

TEST(Attention, KeepsPackedSequencesApart) {
  for (const std::size_t length : {2U, 20U, 150U}) {
    Problem problem({3, 1, 12, 2, 290, 0});
    problem.pack(length);
    expect_right(problem, "sequences of " + std::to_string(length));
  }
}

TEST(Attention, TakesAScaleOfAnySign) {
  for (const float scale : {-0.3F, 0.0F, 0.015625F}) {
    Problem problem({4, 2, 20, 2, 45, 0});
    problem.shape.scale = scale;
    problem.hide_some(4);
    expect_right(problem, "scale " + std::to_string(scale));
  }
}

TEST(Attention, StandsScoresThatNoExponentialCouldHold) {
  Problem problem({4, 2, 20, 1, 300, 0});
  for (float& key : problem.keys) key *= 1000.0F;
  expect_right(problem, "scores of some thousands", 1000.0);
}

TEST(Attention, GivesTheSameBitsWithAnyNumberOfThreads) {
  for (const Path path : {Path::prefill, Path::decode}) {
    for (const std::size_t queries : {1U, 3U, 210U}) {
      Problem problem({6, 2, 20, 2, queries, 300});
      problem.hide_first(1, 20);
      const std::vector<float> alone = run(problem, path, 1);
      for (const std::size_t threads : {2U, 3U, 7U}) {
        const std::vector<float> together = run(problem, path, threads);
        EXPECT_EQ(std::memcmp(alone.data(), together.data(), alone.size() * sizeof(float)), 0) << threads << " threads";
      }
    }
  }
}

TEST(Attention, ShowsNaNToWhomSeesIt) {
  for (const Path path : {Path::prefill, Path::decode}) {
    Problem problem({2, 1, 20, 1, 60, 200});
    problem.keys[230 * 20] = nan;
    const std::vector<float> out = run(problem, path, 1);
    for (std::size_t l = 0; l < 60; ++l) {
      for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(std::isnan(out[l * 40 + i]), l >= 30) << "query " << l;
    }
  }
}

}  // namespace
}  // namespace assay::optimized
