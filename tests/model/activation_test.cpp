// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/config/activation.hpp"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(Activation, IsFoundUnderItsOwnName) {
  EXPECT_EQ(all_activations().size(), 24U);  // len(ACT2FN)
  for (const Activation activation : all_activations()) EXPECT_EQ(activation_named(name(activation)), activation);
}

TEST(Activation, IsSpelledAsTransformersSpellsIt) {
  EXPECT_EQ(activation_named("gelu_pytorch_tanh"), Activation::gelu_pytorch_tanh);
  EXPECT_EQ(activation_named("xielu"), Activation::xielu);
  EXPECT_EQ(name(Activation::tanh), "tanh");
  EXPECT_EQ(activation_named("GELU"), std::nullopt);
  EXPECT_EQ(activation_named("gelu "), std::nullopt);
  EXPECT_EQ(activation_named(""), std::nullopt);
}

}  // namespace
}  // namespace assay
