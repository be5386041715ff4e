// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A sequence that goes on with what another left in the cache. (Other faults of caches are mutants of selftest/.)
#include <gtest/gtest.h>

#include <vector>

#include "selftest/broken_model.hpp"
#include "tests/support/engine_doubles.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using selftest::BrokenModel;

/// The first call of the golden, twice: two independent sequences.
TEST(StaleCache, AStateKeptFromTheSequenceBeforeIsSeen) {
  GoldenCopy copy("granitemoehybrid_cache");
  for (const char* call : {"/calls/001", "/calls/002", "/calls/003", "/calls/004", "/calls/005"}) copy.remove(call);
  copy.duplicate("/calls/000", "/calls/001");
  const GoldenFile golden(copy.path());
  BrokenModel model(golden);
  EXPECT_EQ(golden::exit_code(model.judged(Precision::f64).verdict), 0);
  // The engine believes that the second sequence goes on with the first.
  std::vector<double> kept;
  model.meddling.before = [&](const Moment& moment, MutableSiteValue& value) {
    if (!moment.is(Site::ssm_state)) return;
    std::vector<double> state = floats(value);
    if (moment.call.value == 1) {
      for (std::size_t i = 0; i < state.size(); ++i) state[i] += 0.01 * kept[i];  // what has not decayed yet
      set_floats(value, state);
    }
    kept = state;
  };
  EXPECT_EQ(divergence_of(model.judged(Precision::f64)), "call 1 layer 0 ssm_state");
}

}  // namespace
}  // namespace assay::test
