// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Runs a test with each instruction set that this processor has, and not only with the best one.
#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

namespace assay::test {

/// body() once for each of the instruction sets that optimized/ is compiled for.
template <class Body>
void on_every_target(const Body& body) {
  const auto supported = hwy::SupportedTargets();
  for (const auto target : {HWY_AVX3, HWY_AVX2, HWY_SCALAR}) {
    if (target != HWY_SCALAR && (supported & target) == 0) continue;
    const testing::ScopedTrace trace(__FILE__, __LINE__, hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace assay::test
