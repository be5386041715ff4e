// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Damaged files must end in an Error or in a map that lies inside the file; anything else the sanitizers see.
#include <gtest/gtest.h>

#include "model/error.hpp"
#include "model/files/safetensors.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/safetensors_file.hpp"

namespace assay {
namespace {

std::string valid_file() {
  return test::safetensors(R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
                           R"("b":{"dtype":"BF16","shape":[3],"data_offsets":[16,22]}})",
                           "0123456789abcdefABCDEF");
}

enum class Outcome { refused, read };

Outcome outcome(std::string_view file) {
  // A copy of exactly this size, so that the address sanitizer sees a read beyond it.
  const std::vector<char> copy(file.begin(), file.end());
  const std::span<const std::byte> bytes = std::as_bytes(std::span(copy));
  try {
    for (const auto& [name, tensor] : read_safetensors(bytes, "w.safetensors")) {
      EXPECT_EQ(tensor.bytes.size(), elements(tensor.shape) * size_bytes(tensor.dtype));
      if (tensor.bytes.empty()) continue;
      EXPECT_GE(tensor.bytes.data(), bytes.data());
      EXPECT_LE(tensor.bytes.data() + tensor.bytes.size(), bytes.data() + bytes.size());
    }
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, 13), "w.safetensors");
    return Outcome::refused;
  }
  return Outcome::read;
}

TEST(SafetensorsFuzz, RefusesAFileThatIsCutAnywhere) {
  const std::string file = valid_file();
  ASSERT_EQ(outcome(file), Outcome::read);
  for (std::size_t length = 0; length < file.size(); ++length) {
    EXPECT_EQ(outcome(std::string_view(file).substr(0, length)), Outcome::refused) << length;
  }
}

TEST(SafetensorsFuzz, SurvivesEveryChangedByteOfTheHeader) {
  const std::string file = valid_file();
  const std::size_t header_end = file.size() - 22;
  for (std::size_t at = 0; at < header_end; ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string damaged = file;
      damaged[at] = static_cast<char>(value);
      (void)outcome(damaged);
    }
  }
}

TEST(SafetensorsFuzz, SurvivesEveryRemovedAndDoubledByteOfTheHeader) {
  const std::string file = valid_file();
  for (std::size_t at = 0; at < file.size() - 22; ++at) {
    std::string shorter = file;
    shorter.erase(at, 1);
    (void)outcome(shorter);
    std::string longer = file;
    longer.insert(at, 1, file[at]);
    (void)outcome(longer);
  }
}

}  // namespace
}  // namespace assay
