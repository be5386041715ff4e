// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/synthetic/random_weights.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/config/manifest.hpp"
#include "model/published/shapes.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/small_model.hpp"

namespace assay::bench {
namespace {

Config small_config() { return parse_config(test::small_models().front().config_text, "small"); }

std::vector<float> values(const StoredTensor& tensor) {
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  std::ranges::copy(tensor.bytes, reinterpret_cast<std::byte*>(values.data()));
  return values;
}

TEST(RandomWeights, AreTheTensorsThatTheConfigAsksFor) {
  const Config config = small_config();
  const RandomWeights weights(config, DType::bf16, 1, 2);
  EXPECT_NO_THROW(static_cast<void>(resolve_weights(config, weights)));
}

TEST(RandomWeights, AreTheSameWhateverTheNumberOfThreads) {
  const Config config = small_config();
  const RandomWeights one(config, DType::f32, 7, 1);
  const RandomWeights three(config, DType::f32, 7, 3);
  for (const auto& [name, tensor] : one.tensors()) {
    EXPECT_EQ(values(tensor), values(three.tensors().at(name))) << name;
  }
}

TEST(RandomWeights, OfAnotherSeedAreOthers) {
  const Config config = small_config();
  const RandomWeights one(config, DType::f32, 7, 1);
  const RandomWeights other(config, DType::f32, 8, 1);
  EXPECT_NE(values(one.tensors().begin()->second), values(other.tensors().begin()->second));
}

TEST(RandomWeights, OfNormsLieBetweenAHalfAndThreeHalves) {
  const Config config = small_config();
  const RandomWeights weights(config, DType::f32, 7, 1);
  const auto [least, most] = std::ranges::minmax(values(weights.tensors().at("model.norm.weight")));
  EXPECT_GE(least, 0.5F);
  EXPECT_LE(most, 1.5F);
  EXPECT_LT(least, most);
}

TEST(RandomWeights, ThatMemoryDoesNotHoldAreRefusedBeforeTheyAreTaken) {
  // 42e9 parameters of four bytes: far more than machines that run tests have.
  const Config config = parse_config(published_config("Phi-3.5-MoE-instruct", std::nullopt, DType::f32), "Phi-3.5");
  const std::string error = test::error_of([&] { static_cast<void>(RandomWeights(config, DType::f32, 1, 1)); });
  EXPECT_TRUE(error.starts_with("random weights: expected 155.9")) << error;
  EXPECT_NE(error.find("take fewer --layers, or --dtype bf16"), std::string::npos) << error;
}

}  // namespace
}  // namespace assay::bench
