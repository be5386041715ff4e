// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The optimized engine on a small model.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>

#include "optimized/engine.hpp"
#include "reference/engine.hpp"
#include "tests/support/small_model.hpp"

namespace assay::test {

/// What a site has shown, in float32.
template <std::size_t Rank>
[[nodiscard]] Tensor<float, Rank> tensor_of(const Seen& seen) {
  std::array<std::size_t, Rank> extents{};
  std::ranges::copy(seen.shape, extents.begin());
  Tensor<float, Rank> tensor(extents);
  std::ranges::transform(seen.values, tensor.view().flat().begin(),
                         [](double value) { return static_cast<float>(value); });
  return tensor;
}

class SmallEngineTest : public testing::TestWithParam<SmallModel> {
 protected:
  SmallEngineTest()
      : config_(parse_config(GetParam().config_text, "config.json")), made_up_(config_), weights_(made_up_.weights()) {}

  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] std::unique_ptr<Engine> engine(const optimized::EngineOptions& options = {}) const {
    return optimized::make_engine(config_, weights_, options);
  }
  /// The oracle, in float64.
  [[nodiscard]] std::unique_ptr<Engine> oracle() const {
    return reference::make_engine(config_, weights_, Precision::f64);
  }

  /// The rows of the embedding matrix that the ids name.
  [[nodiscard]] Tensor<float, 3> embeddings_of(const Rows& ids) const {
    const std::size_t width = common(config_).hidden_size;
    const std::vector<float>& matrix = made_up_.values("model.embed_tokens.weight");
    Tensor<float, 3> embeddings({ids.size(), ids.front().size(), width});
    for (std::size_t b = 0; b < ids.size(); ++b) {
      for (std::size_t l = 0; l < ids.front().size(); ++l) {
        const std::span<float> to = embeddings.view()[b][l].flat();
        std::copy_n(matrix.begin() + static_cast<std::ptrdiff_t>(width) * ids[b][l], width, to.begin());
      }
    }
    return embeddings;
  }

  /// The cache that a call has shown.
  [[nodiscard]] PastKeyValues past_of(const Recorder& shown, std::size_t tokens) const {
    PastKeyValues past{.tokens = tokens, .layers = {}};
    past.layers.resize(common(config_).num_hidden_layers);
    for (const Seen& seen : shown.seen()) {
      if (!seen.point.layer) continue;
      LayerPast& layer = past.layers[seen.point.layer->value];
      if (seen.point.site == Site::cache_k) layer.keys = tensor_of<4>(seen);
      if (seen.point.site == Site::cache_v) layer.values = tensor_of<4>(seen);
      if (seen.point.site == Site::conv_state) layer.conv_state = tensor_of<3>(seen);
      if (seen.point.site == Site::ssm_state) layer.ssm_state = tensor_of<4>(seen);
    }
    return past;
  }

 private:
  Config config_;
  MadeUpWeights made_up_;
  Weights weights_;
};

/// How far two orders of summation may be apart in float32, relative to the largest logit.
constexpr double tolerance = 1e-5;

[[nodiscard]] inline std::string name_of(const testing::TestParamInfo<SmallModel>& info) { return info.param.name; }

}  // namespace assay::test
