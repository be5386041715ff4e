// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blis/matmul.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <list>

#include "optimized/blis/gemv.hpp"
#include "tests/optimized/every_target.hpp"
#include "tests/optimized/stored_matrix.hpp"

namespace assay::optimized::blis {
namespace {

using test::expect_same_bits;
using test::GuardedRows;
using test::random_rows;
using test::random_vector;
using test::rounding;
using test::StoredMatrix;

constexpr WeightStorage storages[] = {WeightStorage::f32, WeightStorage::bf16};

/// The product on scratch that is NaN.
void multiply(const std::vector<MatmulTask>& tasks, std::size_t threads = 1) {
  std::size_t inputs = 0;
  std::size_t tokens = 0;
  for (const MatmulTask& task : tasks) {
    inputs = std::max(inputs, task.weight->inputs());
    tokens = std::max(tokens, task.y.count);
  }
  const AlignedBuffer scratch(matmul_scratch(inputs, tokens, Threads(threads)) * sizeof(float));
  std::ranges::fill(scratch.bytes(), std::byte{0xFF});
  matmul(tasks, scratch.as<float>(), Threads(threads));
}

/// A sum in double, and how far a float32 sum of the same products may be from it.
struct Sum {
  double value = 0;
  double error = 0;
};

/// Each product passes the additions of its block of at most 128, then those of the blocks and of the up to four chains
/// of a block, each of which rounds once: the largest partial sum is no larger than that of the absolute values.
Sum sum_of(std::span<const float> x, const StoredMatrix& weight, std::size_t output) {
  Sum sum;
  double absolute = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double product = static_cast<double>(x[k]) * weight.at(output, k);
    sum.value += product;
    absolute += std::abs(product);
  }
  const std::size_t additions = std::min<std::size_t>(x.size(), 128) + x.size() / 128 + 4;
  sum.error = static_cast<double>(additions) * rounding * absolute;
  return sum;
}

void expect_sums(const GuardedRows& y, const GuardedRows& x, const StoredMatrix& weight, std::size_t first = 0,
                 std::size_t outputs = 0) {
  if (outputs == 0) outputs = y.width();
  for (std::size_t token = 0; token < y.count(); ++token) {
    for (std::size_t output = 0; output < outputs; ++output) {
      const Sum sum = sum_of(x.span(token), weight, output);
      ASSERT_NEAR(y.span(token)[first + output], sum.value, sum.error) << "token " << token << ", output " << output;
    }
  }
}

PackedMatrix packed(WeightPacker& packer, const StoredMatrix& weight) {
  const PackedMatrix matrix = packer.add({weight.rows()});
  packer.pack(Threads(1));
  return matrix;
}

GuardedRows product(const StoredMatrix& weight, std::size_t outputs, const GuardedRows& x, WeightStorage storage,
                    std::size_t threads = 1) {
  WeightPacker packer(storage);
  const PackedMatrix matrix = packed(packer, weight);
  GuardedRows y(x.count(), outputs);
  multiply({{.weight = &matrix, .x = x.rows(), .y = y.rows()}}, threads);
  return y;
}

/// Inputs around the vectors and beyond a block; outputs around one panel and over several; tokens below, at and beyond
/// the few, around a panel and beyond a block of tokens.
constexpr std::size_t all_inputs[] = {1, 7, 48, 129, 300};
constexpr std::size_t all_outputs[] = {1, 15, 16, 17, 33, 100};
constexpr std::size_t all_tokens[] = {1, 2, 3, 4, 5, 6, 7, 13, 64, 145, 300};

TEST(OptimizedMatmul, AgreesWithSumsInDoubleAtAnySizeInBothStorages) {
  for (const std::size_t inputs : all_inputs) {
    for (const std::size_t outputs : all_outputs) {
      const StoredMatrix weight(outputs, inputs, 1);
      for (const std::size_t tokens : all_tokens) {
        SCOPED_TRACE(testing::Message() << inputs << " inputs, " << outputs << " outputs, " << tokens << " tokens");
        const GuardedRows x = random_rows(tokens, inputs, 2);
        const GuardedRows y = product(weight, outputs, x, WeightStorage::f32);
        expect_sums(y, x, weight);
        expect_same_bits(product(weight, outputs, x, WeightStorage::bf16), y);
        if (testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(OptimizedMatmul, AgreesWithSumsInDoubleForFewTokensOnEveryInstructionSet) {
  test::on_every_target([] {
    for (const std::size_t inputs : all_inputs) {
      const StoredMatrix weight(33, inputs, 3);
      for (std::size_t tokens = 1; tokens <= gemv_max_tokens + 1; ++tokens) {
        const GuardedRows x = random_rows(tokens, inputs, 4);
        const GuardedRows y = product(weight, 33, x, WeightStorage::f32);
        expect_sums(y, x, weight);
        expect_same_bits(product(weight, 33, x, WeightStorage::bf16), y);
      }
    }
  });
}

TEST(OptimizedMatmul, HasTheSameBitsOnAnyNumberOfThreads) {
  for (const WeightStorage storage : storages) {
    for (const std::size_t tokens : all_tokens) {
      const StoredMatrix weight(100, 129, 5);
      const GuardedRows x = random_rows(tokens, 129, 6);
      const GuardedRows alone = product(weight, 100, x, storage);
      for (const std::size_t threads : {2U, 3U, 7U}) {
        expect_same_bits(product(weight, 100, x, storage, threads), alone);
      }
    }
  }
}

TEST(OptimizedMatmul, DividesAndAddsTheBias) {
  const StoredMatrix weight(33, 48, 7);
  const std::vector<float> bias = random_vector(33, 8);
  WeightPacker packer(WeightStorage::f32);
  const PackedMatrix matrix = packed(packer, weight);
  for (const std::size_t tokens : {1U, 4U, 5U, 145U}) {
    const GuardedRows x = random_rows(tokens, 48, 9);
    for (const float divisor : {1.0F, 6.0F}) {
      for (const float* added : {static_cast<const float*>(nullptr), bias.data()}) {
        GuardedRows y(tokens, 33);
        multiply({{.weight = &matrix, .x = x.rows(), .y = y.rows(), .bias = added, .divisor = divisor}});
        for (std::size_t token = 0; token < tokens; ++token) {
          for (std::size_t output = 0; output < 33; ++output) {
            const Sum sum = sum_of(x.span(token), weight, output);
            const double quotient = sum.value / static_cast<double>(divisor);
            const double expected = quotient + (added == nullptr ? 0.0 : static_cast<double>(added[output]));
            // Quotient and sum round once more each.
            const double error = sum.error + rounding * (std::abs(quotient) + std::abs(expected)) * 1.01;
            ASSERT_NEAR(y.span(token)[output], expected, error);
          }
        }
      }
    }
  }
}

TEST(OptimizedMatmul, PutsSeveralPartsBesideEachOther) {
  const StoredMatrix query(33, 48, 10);
  const StoredMatrix key(7, 48, 11);
  const StoredMatrix value(20, 48, 12);
  for (const WeightStorage storage : storages) {
    WeightPacker packer(storage);
    const PackedMatrix matrix = packer.add({query.rows(), key.rows(), value.rows()});
    packer.pack(Threads(2));
    for (const std::size_t tokens : {1U, 5U, 145U}) {
      const GuardedRows x = random_rows(tokens, 48, 13);
      GuardedRows y(tokens, 60);
      multiply({{.weight = &matrix, .x = x.rows(), .y = y.rows()}}, 3);
      expect_sums(y, x, query, 0, 33);
      expect_sums(y, x, key, 33, 7);
      expect_sums(y, x, value, 40, 20);
    }
  }
}

TEST(OptimizedMatmul, ActivatesTheGateAndMultipliesItWithUp) {
  const ActivationFunction act{.kind = Activation::silu};
  for (const std::size_t width : {1U, 15U, 16U, 17U, 33U, 100U}) {
    const StoredMatrix gate(width, 129, 14);
    const StoredMatrix up(width, 129, 15);
    WeightPacker packer(WeightStorage::f32);
    const PackedMatrix matrix = packer.add_gated(gate.rows(), up.rows());
    packer.pack(Threads(1));
    for (const std::size_t tokens : {1U, 2U, 3U, 4U, 5U, 13U, 145U}) {
      const GuardedRows x = random_rows(tokens, 129, 16);
      GuardedRows y(tokens, width);
      multiply({{.weight = &matrix, .x = x.rows(), .y = y.rows(), .act = &act}});
      for (std::size_t token = 0; token < tokens; ++token) {
        for (std::size_t output = 0; output < width; ++output) {
          const Sum g = sum_of(x.span(token), gate, output);
          const Sum u = sum_of(x.span(token), up, output);
          const double silu = g.value / (1 + std::exp(-g.value));
          const double right = silu * u.value;
          // The slope of silu is at most 1.1; its exponential has 2 roundings, sum, quotient and product one each.
          const double error = 1.1 * g.error * (std::abs(u.value) + u.error) +
                               (std::abs(silu) + 1.1 * g.error) * u.error + 5 * rounding * std::abs(right);
          ASSERT_NEAR(y.span(token)[output], right, error) << "token " << token << " of " << tokens;
        }
      }
      GuardedRows shared(tokens, width);
      multiply({{.weight = &matrix, .x = x.rows(), .y = shared.rows(), .act = &act}}, 3);
      expect_same_bits(shared, y);
    }
  }
}

/// A product of several experts, each with tokens of its own, picked from those of the call.
class Mixture {
 public:
  explicit Mixture(WeightStorage storage) : packer_(storage) {
    for (std::size_t e = 0; e < std::size(counts); ++e) {
      Expert& expert = experts_.emplace_back(static_cast<unsigned>(20 + e));
      expert.matrix = packer_.add({expert.weight.rows()});
      for (std::size_t token = 0; token < counts[e]; ++token) {
        expert.tokens.push_back(static_cast<std::uint32_t>((token * 7 + e) % x.count()));
      }
    }
    packer_.pack(Threads(2));
  }

  /// The results of all experts, one below the other.
  [[nodiscard]] GuardedRows results(std::size_t threads) const {
    GuardedRows y(total(), outputs);
    std::vector<MatmulTask> tasks;
    std::size_t first = 0;
    for (const Expert& expert : experts_) {
      tasks.push_back({.weight = &expert.matrix,
                       .x = x.rows(),
                       .gather = expert.tokens.data(),
                       .y = y.rows().part(first, expert.tokens.size())});
      first += expert.tokens.size();
    }
    multiply(tasks, threads);
    return y;
  }

  void expect_sums_in(const GuardedRows& y) const {
    std::size_t row = 0;
    for (const Expert& expert : experts_) {
      for (const std::uint32_t token : expert.tokens) {
        for (std::size_t output = 0; output < outputs; ++output) {
          const Sum sum = sum_of(x.span(token), expert.weight, output);
          ASSERT_NEAR(y.span(row)[output], sum.value, sum.error) << "row " << row;
        }
        ++row;
      }
    }
  }

  const GuardedRows x = random_rows(160, inputs, 17);

 private:
  static constexpr std::size_t inputs = 48;
  static constexpr std::size_t outputs = 33;
  /// Fewer than a panel, many, one, more than a block, a few.
  static constexpr std::size_t counts[] = {3, 29, 1, 150, 6, 4, 5};
  struct Expert {
    explicit Expert(unsigned seed) : weight(outputs, inputs, seed) {}
    StoredMatrix weight;
    PackedMatrix matrix;
    std::vector<std::uint32_t> tokens;
  };
  static std::size_t total() {
    std::size_t sum = 0;
    for (const std::size_t count : counts) sum += count;
    return sum;
  }

  WeightPacker packer_;
  std::list<Expert> experts_;
};

TEST(OptimizedMatmul, GathersTheTokensOfSeveralTasksAtOnce) {
  for (const WeightStorage storage : storages) {
    const Mixture mixture(storage);
    const GuardedRows y = mixture.results(1);
    mixture.expect_sums_in(y);
    for (const std::size_t threads : {2U, 3U, 7U, 64U}) expect_same_bits(mixture.results(threads), y);
  }
}

TEST(OptimizedMatmul, PassesANaNToItsTokenAndToNoOther) {
  const StoredMatrix weight(17, 129, 18);
  for (const std::size_t tokens : {2U, 4U, 7U, 145U}) {
    GuardedRows x = random_rows(tokens, 129, 19);
    x.span(1)[128] = NAN;
    const GuardedRows y = product(weight, 17, x, WeightStorage::f32);
    for (std::size_t token = 0; token < tokens; ++token) {
      for (const float value : y.span(token)) ASSERT_EQ(std::isnan(value), token == 1) << "token " << token;
    }
  }
}

}  // namespace
}  // namespace assay::optimized::blis
