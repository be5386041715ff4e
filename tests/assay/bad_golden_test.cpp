// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay verify of goldens that are not as the format says: one line that names the file, the key, what was expected
// and what was found, and exit code 2. The rules themselves are tested in tests/golden.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "model/files/atomic_file.hpp"
#include "model/files/hdf5.hpp"
#include "tests/assay/program.hpp"

namespace assay::test {
namespace {

class BadGolden : public testing::Test {
 protected:
  /// "FILE: " and `rest` is all that standard error says.
  void expect_refused(const std::string& rest) {
    expect_cannot_judge(assay_program({"verify", copy.file(), "--precision", "f32"}), copy.file() + ": " + rest);
  }

  GoldenCopy copy{"granitemoe_left_pad"};
};

TEST_F(BadGolden, ThatDoesNotExist) {
  expect_cannot_judge(assay_program({"verify", "/none/x.h5"}), "/none/x.h5: expected an HDF5 file, found no such file");
}

TEST_F(BadGolden, ThatIsNoHdf5) {
  const std::string path = copy.folder().add("text.h5", "no HDF5").string();
  expect_cannot_judge(assay_program({"verify", path}), path + ": expected an HDF5 file, found something else");
}

TEST_F(BadGolden, ThatIsTruncated) {
  const std::string bytes = read_text_file(copy.path());
  const std::string path = copy.folder().add("half.h5", std::string_view(bytes).substr(0, bytes.size() / 2)).string();
  const ChildResult result = assay_program({"verify", path});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.err.starts_with("error: " + path + ": cannot open: ")) << result.err;
  EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
}

TEST_F(BadGolden, WithAnotherSchemaVersion) {
  copy.attribute("/", "schema_version", "3.1");
  expect_refused("schema_version: expected 1.x, found 3.1");
}

TEST_F(BadGolden, WithANewerMinorVersionIsJudgedWithAWarning) {
  copy.attribute("/", "schema_version", "1.9");
  const ChildResult result = assay_program({"verify", copy.file(), "--precision", "f32"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err,
            "warning: " + copy.file() + ": schema_version 1.9 is newer than 1.2: what it adds is not judged\n");
}

TEST_F(BadGolden, WithAMissingSite) {
  copy.remove("/calls/000/truth/layers/000/attn_probs");
  expect_refused("/calls/000/truth/layers/000/attn_probs: expected [2, 4, 6, 6] f64, found none");
}

TEST_F(BadGolden, WithSeveralWrongSitesListsThemAll) {
  copy.remove("/calls/000/truth/layers/000/attn_probs");
  copy.remove("/calls/001/hf32/logits");
  expect_refused(
      "expected every site of its config, found 2 wrong\n"
      "  /calls/000/truth/layers/000/attn_probs: expected [2, 4, 6, 6] f64, found none\n"
      "  /calls/001/hf32/logits: expected [2, 1, 31] f32, found none");
}

TEST_F(BadGolden, WithANan) {
  copy.edit<double>("/calls/000/truth/layers/001/q_proj",
                    [](auto& values) { values[9] = std::numeric_limits<double>::quiet_NaN(); });
  expect_refused("/calls/000/truth/layers/001/q_proj: element 9: expected a finite number, found nan");
}

TEST_F(BadGolden, WithAFlippedByte) {
  // The bytes of a contiguous dataset stand in the file as they are.
  const std::string name = "/calls/001/truth/layers/000/router_margin";
  const std::vector<std::byte> stored = Hdf5Reader(copy.path()).read_bytes(name);
  std::string bytes = read_text_file(copy.path());
  const std::size_t at = bytes.find(std::string(reinterpret_cast<const char*>(stored.data()), stored.size()));
  ASSERT_NE(at, std::string::npos);
  bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
  const std::string path = copy.folder().add("flipped.h5", bytes).string();
  const ChildResult result = assay_program({"verify", path, "--precision", "f32"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.err.starts_with("error: " + path + ": " + name + ": checksum: expected sha256 ")) << result.err;
  EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
}

/// One line, whatever is damaged: HDF5 has things of its own to say when it cannot close what it could not open.
TEST_F(BadGolden, WithAnyFlippedByteIsOneErrorOrNone) {
  const std::string bytes = read_text_file(copy.path());
  std::size_t refused = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    const std::size_t at = 4 + i * (bytes.size() - 5) / 39;
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    const std::string path = copy.folder().add("damaged.h5", damaged).string();
    const ChildResult result = assay_program({"verify", path, "--precision", "f64", "--quiet"});
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 2) << "offset " << at << ", signal " << result.died_of;
    EXPECT_EQ(result.err.empty(), result.exit_code == 0);
    EXPECT_TRUE(result.err.empty() || result.err.starts_with("error: " + path + ": ")) << result.err;
    // A list of sites is indented; anything else is one line.
    const auto lines = std::ranges::count(result.err, '\n');
    EXPECT_TRUE(lines <= 1 || result.err.find("\n  /calls/") != std::string::npos)
        << "offset " << at << ": " << result.err;
    EXPECT_EQ(result.err.find("HDF5:"), std::string::npos) << "offset " << at << ": " << result.err;
    if (result.exit_code == 2) ++refused;
  }
  EXPECT_GT(refused, 20U);
}

TEST_F(BadGolden, WithIdsOutsideTheVocabulary) {
  copy.edit<std::int64_t>("/calls/001/inputs/input_ids", [](auto& ids) { ids[1] = 31; });
  expect_refused("/calls/001/inputs: input_ids[1, 0]: expected 0 to 30 (vocab_size 31), found 31");
}

TEST_F(BadGolden, WithAConfigThatTransformersRefuses) {
  copy.edit_config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 2.5");
  expect_refused("/config: num_hidden_layers: expected an integer from 1 to 2147483647, found 2.5 (a float)");
}

TEST_F(BadGolden, WithWeightsThatItsConfigDoesNotWant) {
  copy.remove("/weights/model.norm.weight");
  expect_refused("1 tensor is not as the granitemoe config says:\n  model.norm.weight: expected [24], found nothing");
}

TEST_F(BadGolden, WithoutAnyWeights) {
  copy.remove("/weights");
  const ChildResult result = assay_program({"verify", copy.file()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.err.starts_with("error: " + copy.file() + ": /weights: ")) << result.err;
}

}  // namespace
}  // namespace assay::test
