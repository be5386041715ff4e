// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/sha256.hpp"

#include <gtest/gtest.h>

#include "tests/support/safetensors_file.hpp"

namespace assay {
namespace {

TEST(Sha256, MatchesTheExamplesOfFips180) {
  EXPECT_EQ(sha256(test::as_bytes("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace assay
