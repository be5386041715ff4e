// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/activation.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "reference/ops/activation.hpp"
#include "tests/optimized/every_target.hpp"
#include "tests/optimized/guarded_rows.hpp"

namespace assay::optimized {
namespace {

using test::GuardedRows;
using test::on_every_target;
using test::random_rows;

float value_of(Activation activation, float x) {
  activate({.kind = activation}, &x, 1);
  return x;
}

/// New modules, and two with parameters.
std::vector<ActivationFunction> all_functions() {
  std::vector<ActivationFunction> functions;
  for (const Activation activation : all_activations()) functions.push_back({.kind = activation});
  functions.push_back({.kind = Activation::prelu, .slope = 0.375});
  functions.push_back({.kind = Activation::xielu, .alpha_p = 1.5, .alpha_n = 0.7, .beta = 0.4, .eps = -0.01});
  return functions;
}

/// What erf and tanh close to -1 leave: some roundings of 1 in double, times x and the factor.
double left_over(float largest_x) { return 1e-14 * static_cast<double>(largest_x); }

TEST(OptimizedActivateAndMultiply, AgreesWithTheScalarEngineAtAnyWidth) {
  on_every_target([] {
    for (const ActivationFunction& act : all_functions()) {
      const testing::ScopedTrace trace(__FILE__, __LINE__, std::string(name(act.kind)));
      for (const float scale : {0.1F, 4.0F, 30.0F}) {
        for (const std::size_t width : test::odd_widths) {
          const GuardedRows gate = random_rows(3, width, 1, scale);
          const GuardedRows up = random_rows(3, width, 2);
          Tensor<double, 2> expected = up.doubles();
          for (std::size_t row = 0; row < 3; ++row) {
            for (std::size_t i = 0; i < width; ++i) {
              expected(row, i) *= reference::activate(act, static_cast<double>(gate.span(row)[i]));
            }
          }
          GuardedRows out(3, width);
          activate_and_multiply(act, gate.rows(), up.rows(), out.rows());
          // silu: the exponential (one unit in the last place is two roundings), the sum, the quotient, the product.
          expect_rounded(out, expected, 5.0, left_over(scale));
        }
      }
    }
  });
}

TEST(OptimizedActivate, AgreesWithTheScalarEngineAtAnyWidth) {
  on_every_target([] {
    for (const ActivationFunction& act : all_functions()) {
      const testing::ScopedTrace trace(__FILE__, __LINE__, std::string(name(act.kind)));
      for (const std::size_t width : test::odd_widths) {
        GuardedRows values = random_rows(1, width, 3, 25.0F);
        Tensor<double, 2> expected = values.doubles();
        for (double& value : expected.view().flat()) value = reference::activate(act, value);
        activate(act, values.rows()[0], width);
        expect_rounded(values, expected, 4.0, left_over(25.0F));
      }
    }
  });
}

TEST(OptimizedActivateAndMultiply, MayReplaceItsInput) {
  on_every_target([] {
    for (const ActivationFunction& act : all_functions()) {
      GuardedRows gate = random_rows(2, 33, 5);
      GuardedRows up = random_rows(2, 33, 6);
      GuardedRows apart(2, 33);
      activate_and_multiply(act, gate.rows(), up.rows(), apart.rows());
      GuardedRows copy = gate;
      activate_and_multiply(act, copy.rows(), up.rows(), copy.rows());
      expect_same_bits(copy, apart);
      activate_and_multiply(act, gate.rows(), up.rows(), up.rows());
      expect_same_bits(up, apart);
    }
  });
}

TEST(OptimizedActivate, GivesWhatMultiplyingByOneGives) {
  on_every_target([] {
    for (const ActivationFunction& act : all_functions()) {
      GuardedRows values = random_rows(1, 100, 7, 3.0F);
      GuardedRows product = values;
      GuardedRows ones(1, 100);
      for (float& one : ones.span(0)) one = 1.0F;
      activate_and_multiply(act, product.rows(), ones.rows(), product.rows());
      activate(act, values.rows()[0], 100);
      expect_same_bits(values, product);
    }
  });
}

TEST(OptimizedActivate, StaysRightFarFromZero) {
  on_every_target([] {
    for (const ActivationFunction& act : all_functions()) {
      for (const float x : {-89.0F, -100.0F, -104.1F, -750.0F, -1e4F, 100.0F, 750.0F, 1e4F, 1e15F}) {
        float value = x;
        activate(act, &value, 1);
        const double right = reference::activate(act, static_cast<double>(x));
        EXPECT_NEAR(value, right, 4 * test::rounding * std::abs(right) + 1e-30) << name(act.kind) << " of " << x;
      }
    }
  });
}

TEST(OptimizedActivate, KeepsNaN) {
  on_every_target([] {
    for (const Activation activation : all_activations()) {
      EXPECT_TRUE(std::isnan(value_of(activation, NAN))) << name(activation);
    }
  });
}

TEST(OptimizedActivate, GivesInfinityAndItsOppositeWhatTorchGivesThem) {
  // ACT2FN[name](torch.tensor([float("inf"), float("-inf")]))
  on_every_target([] {
    const float inf = INFINITY;
    for (const Activation activation : {Activation::gelu, Activation::gelu_new, Activation::mish, Activation::relu,
                                        Activation::relu2, Activation::silu, Activation::sqrtsoftplus}) {
      EXPECT_EQ(value_of(activation, inf), inf) << name(activation);
    }
    EXPECT_EQ(value_of(Activation::relu, -inf), 0.0F);
    EXPECT_EQ(value_of(Activation::relu6, inf), 6.0F);
    EXPECT_EQ(value_of(Activation::sigmoid, -inf), 0.0F);
    EXPECT_EQ(value_of(Activation::sigmoid, inf), 1.0F);
    EXPECT_EQ(value_of(Activation::sqrtsoftplus, -inf), 0.0F);
    EXPECT_EQ(value_of(Activation::tanh, -inf), -1.0F);
    EXPECT_EQ(value_of(Activation::laplace, -inf), 0.0F);
  });
}

TEST(OptimizedSilu, IsZeroFarBelowAndTheGateItselfFarAbove) {
  on_every_target([] {
    for (const float x : {-89.0F, -100.0F, -103.9F, -104.1F, -1e4F, -1e30F, std::numeric_limits<float>::lowest()}) {
      EXPECT_NEAR(value_of(Activation::silu, x), 0.0F, 1e-35F) << x;
    }
    EXPECT_EQ(value_of(Activation::silu, 0.0F), 0.0F);
    for (const float x : {100.0F, 1e4F, 1e30F, std::numeric_limits<float>::max()})
      EXPECT_EQ(value_of(Activation::silu, x), x);
  });
}

TEST(OptimizedSoftplus, IsTheIdentityAboveTwenty) {
  EXPECT_EQ(softplus(0.0), std::log(2.0));
  EXPECT_EQ(softplus(20.5), 20.5);
  EXPECT_GT(softplus(20.0), 20.0);
}

}  // namespace
}  // namespace assay::optimized
