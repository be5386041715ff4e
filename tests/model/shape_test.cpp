// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/shape.hpp"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(Shape, CountsElements) {
  EXPECT_EQ(elements({3, 4}), 12U);
  EXPECT_EQ(elements({}), 1U);
  EXPECT_EQ(elements({3, 0}), 0U);
}

TEST(Shape, IsWrittenLikeAPythonList) {
  EXPECT_EQ(to_string({48, 16}), "[48, 16]");
  EXPECT_EQ(to_string({}), "[]");
}

TEST(Shape, UnravelsARowMajorOffset) { EXPECT_EQ(unravel(17, {2, 3, 4}), (Shape{1, 1, 1})); }

}  // namespace
}  // namespace assay
