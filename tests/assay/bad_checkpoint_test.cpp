// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay inspect and verify of checkpoints that are not as safetensors says. The rules themselves are tested in
// tests/model; here it is the program that must say so in one line and end with 2.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/assay/program.hpp"
#include "tests/support/safetensors_file.hpp"

namespace assay::test {
namespace {

struct Damage {
  std::string name;
  std::string file;  ///< the whole of model.safetensors
  std::string part;  ///< what the complaint must contain

  friend void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }
};

std::string one_tensor(const std::string& offsets) {
  return safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":)" + offsets + "}}", "12345678");
}

class BadCheckpoint : public testing::TestWithParam<Damage> {};

TEST_P(BadCheckpoint, IsRefusedInOneLineByEveryVerb) {
  const CheckpointGolden golden("granitemoe_prefill");
  const std::string path = golden.copy.folder().add("model/model.safetensors", GetParam().file).string();
  const std::string out = (golden.copy.folder().path() / "out.h5").string();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"inspect", golden.checkpoint().string()},
        {"verify", golden.copy.file()},
        {"dump", golden.copy.file(), "--engine", "reference", "--out", out}}) {
    const ChildResult result = assay_program(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_TRUE(result.err.starts_with("error: " + path + ": ")) << result.err;
    EXPECT_NE(result.err.find(GetParam().part), std::string::npos) << result.err;
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
  }
  EXPECT_FALSE(std::filesystem::exists(out));
}

INSTANTIATE_TEST_SUITE_P(
    With, BadCheckpoint,
    testing::Values(Damage{"AnEmptyFile", "", "expected"}, Damage{"ATruncatedLength", "\x08\x00", "expected"},
                    Damage{"ATruncatedHeader", std::string("\x40\0\0\0\0\0\0\0{}", 10), "expected"},
                    Damage{"AnOversizedHeader", std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10), "expected"},
                    Damage{"AnEmptyHeader", safetensors("", ""), "expected"},
                    Damage{"AHeaderThatIsNoJson", safetensors("{\"a\":", ""), ""},
                    Damage{"OffsetsOutOfRange", one_tensor("[0,16]"), "a"},
                    Damage{"OffsetsBackwards", one_tensor("[8,0]"), "a"},
                    Damage{"OffsetsThatDoNotFitTheShape", one_tensor("[0,4]"), "a"},
                    Damage{"OverlappingTensors",
                           safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                                       R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
                                       "123456789012"),
                           "b"},
                    Damage{"AnUnknownDtype",
                           safetensors(R"({"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}})", "12345678"), "Q4"}),
    [](const auto& of_damage) { return of_damage.param.name; });

TEST(BadCheckpointFolder, WithoutAnyWeightsIsRefused) {
  const CheckpointGolden golden("granitemoe_prefill");
  std::filesystem::remove(golden.weights_file());
  expect_cannot_judge(
      assay_program({"verify", golden.copy.file()}),
      golden.checkpoint().string() + ": expected model.safetensors or model.safetensors.index.json, found neither");
}

TEST(BadCheckpointFolder, WithAMissingShardIsRefused) {
  const CheckpointGolden golden("granitemoe_prefill");
  std::filesystem::remove(golden.weights_file());
  golden.copy.folder().add("model/model.safetensors.index.json", R"({"weight_map": {"a": "model-1.safetensors"}})");
  expect_cannot_judge(assay_program({"verify", golden.copy.file()}),
                      golden.checkpoint().string() + ": expected the shard model-1.safetensors, found nothing");
}

TEST(BadCheckpointFolder, WithMissingExtraAndMisshapedTensorsListsThemAll) {
  const CheckpointGolden golden("granitemoe_prefill");
  std::string file = text_of(golden.weights_file());
  // Another name of the same length: one tensor is missing and one too many. A transposed shape.
  file.replace(file.find("model.norm.weight"), 17, "model.mron.weight");
  file.replace(file.find("[31, 24]"), 8, "[24, 31]");
  golden.copy.folder().add("model/model.safetensors", file);
  const ChildResult result = assay_program({"inspect", golden.checkpoint().string()});
  EXPECT_EQ(result.exit_code, 2);
  const std::string where = golden.weights_file().string();
  EXPECT_EQ(result.err, "error: " + golden.checkpoint().string() +
                            ": 3 tensors are not as the granitemoe config says:\n"
                            "  model.norm.weight: expected [24], found nothing\n"
                            "  lm_head.weight: expected [31, 24] f64, f32, f16 or bf16, found [24, 31] bf16 (" +
                            where +
                            ")\n"
                            "  model.mron.weight: expected no such tensor, found [24] bf16 (" +
                            where + ")\n");
}

}  // namespace
}  // namespace assay::test
