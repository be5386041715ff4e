// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What outlives a cache: the frequencies of dynamic rope, and what forgets them.
#include <gtest/gtest.h>

#include "reference/engine.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/small_model.hpp"

namespace assay::test {
namespace {

OwnedCall tokens(std::size_t count) {
  OwnedCall call{.input_ids = {{}}};
  for (std::size_t i = 0; i < count; ++i) call.input_ids.front().push_back(static_cast<std::int64_t>(7 * i % 97));
  return call;
}

class DynamicRope : public testing::TestWithParam<std::string> {
 protected:
  DynamicRope()
      : config_(parse_config(with(GetParam(), R"("max_position_embeddings": 8, "position_embedding_type": "rope",
                                "rope_parameters": {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 3.0})"),
                             "config.json")),
        made_up_(config_),
        weights_(made_up_.weights()) {}

  [[nodiscard]] std::unique_ptr<Engine> engine() const {
    return reference::make_engine(config_, weights_, Precision::f64);
  }

 private:
  Config config_;
  MadeUpWeights made_up_;
  Weights weights_;
};

INSTANTIATE_TEST_SUITE_P(Of, DynamicRope,
                         testing::Values(granite_moe_text(), granite_moe_shared_text(), granite_moe_hybrid_text()));

TEST_P(DynamicRope, RemembersALongSequenceInCallsThatDoNotContinue) {
  const std::unique_ptr<Engine> used = engine();
  const std::vector<double> fresh = run(*used, tokens(8));
  (void)run(*used, tokens(12));
  EXPECT_NE(run(*used, tokens(8)), fresh);
  (void)run(*used, tokens(7));
  EXPECT_EQ(run(*used, tokens(8)), fresh) << "a call below max_position_embeddings forgets";
}

TEST_P(DynamicRope, IsAsNewlyBuiltAfterAReset) {
  const std::unique_ptr<Engine> used = engine();
  const std::vector<double> fresh = run(*used, tokens(8));
  (void)run(*used, tokens(12));
  used->reset();
  EXPECT_EQ(run(*used, tokens(8)), fresh);
}

}  // namespace
}  // namespace assay::test
