// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/checkpoint.hpp"

#include <gtest/gtest.h>

#include "tests/support/error_of.hpp"
#include "tests/support/safetensors_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace assay {
namespace {

class CheckpointFolder : public test::TemporaryFolder {
 public:
  CheckpointFolder() { add("config.json", "{}"); }
  void add_shard(const std::string& file, const std::map<std::string, Shape>& shapes) const {
    add(file, test::safetensors(shapes, "F32", 'x'));
  }
  void add_index(std::string_view weight_map) const {
    add("model.safetensors.index.json", "{\"metadata\": {}, \"weight_map\": " + std::string(weight_map) + "}");
  }
  [[nodiscard]] std::string complaint() const {
    return test::error_of([&] { Checkpoint{path()}; });
  }
  [[nodiscard]] std::string in(std::string_view rest) const { return path().string() + std::string(rest); }
};

TEST(Checkpoint, ReadsASingleFile) {
  const CheckpointFolder folder;
  folder.add_shard("model.safetensors", {{"a", {2}}});
  const Checkpoint checkpoint(folder.path());
  EXPECT_EQ(checkpoint.config_text(), "{}");
  EXPECT_EQ(checkpoint.where(), folder.path().string());
  EXPECT_EQ(checkpoint.tensors().at("a").shape, (Shape{2}));
  EXPECT_EQ(checkpoint.tensors().at("a").file, folder.in("/model.safetensors"));
}

TEST(Checkpoint, ReadsShards) {
  const CheckpointFolder folder;
  folder.add_shard("one.safetensors", {{"a", {2}}, {"c", {1}}});
  folder.add_shard("two.safetensors", {{"b", {3}}});
  folder.add_index(R"({"a": "one.safetensors", "b": "two.safetensors", "c": "one.safetensors"})");
  const Checkpoint checkpoint(folder.path());
  ASSERT_EQ(checkpoint.tensors().size(), 3U);
  EXPECT_EQ(checkpoint.tensors().at("b").file, folder.in("/two.safetensors"));
  EXPECT_EQ(checkpoint.tensors().at("b").bytes[11], std::byte{'x'});
}

TEST(Checkpoint, TakesTheSingleFileBeforeAnIndexAsTransformersDoes) {
  const CheckpointFolder folder;
  folder.add_shard("model.safetensors", {{"a", {2}}});
  folder.add_index(R"({"a": "gone.safetensors"})");
  EXPECT_EQ(Checkpoint(folder.path()).tensors().size(), 1U);
}

TEST(Checkpoint, NamesAMissingConfig) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(test::error_of([&] { Checkpoint{folder.path()}; }),
            folder.path().string() + "/config.json: cannot be opened: No such file or directory");
}

TEST(Checkpoint, NamesTheFilesThatItLooksFor) {
  const CheckpointFolder folder;
  EXPECT_EQ(folder.complaint(),
            folder.in(": expected model.safetensors or model.safetensors.index.json, found neither"));
}

TEST(Checkpoint, SaysThatPickledWeightsAreNotRead) {
  const CheckpointFolder folder;
  folder.add("pytorch_model.bin", "x");
  EXPECT_EQ(folder.complaint(), folder.in(": expected model.safetensors or model.safetensors.index.json, found "
                                          "pytorch_model.bin; only safetensors files are read"));
}

TEST(Checkpoint, NamesAMissingShard) {
  const CheckpointFolder folder;
  folder.add_index(R"({"a": "gone.safetensors"})");
  EXPECT_EQ(folder.complaint(), folder.in(": expected the shard gone.safetensors, found nothing"));
}

TEST(Checkpoint, NamesATensorThatItsShardLacks) {
  const CheckpointFolder folder;
  folder.add_shard("one.safetensors", {{"a", {2}}});
  folder.add_index(R"({"a": "one.safetensors", "b": "one.safetensors"})");
  EXPECT_EQ(folder.complaint(), folder.in(": b: expected in one.safetensors by the index, found in no shard"));
}

TEST(Checkpoint, NamesATensorThatTheIndexDoesNotList) {
  const CheckpointFolder folder;
  folder.add_shard("one.safetensors", {{"a", {2}}, {"b", {2}}});
  folder.add_index(R"({"a": "one.safetensors"})");
  EXPECT_EQ(folder.complaint(), folder.in(": b: expected in no shard by the index, found in one.safetensors"));
}

TEST(Checkpoint, NamesATensorThatTheIndexPlacesElsewhere) {
  const CheckpointFolder folder;
  folder.add_shard("one.safetensors", {{"a", {2}}, {"b", {2}}});
  folder.add_shard("two.safetensors", {{"b", {2}}});
  folder.add_index(R"({"a": "one.safetensors", "b": "two.safetensors"})");
  EXPECT_EQ(folder.complaint(), folder.in(": b: expected in two.safetensors by the index, found in one.safetensors"));
}

TEST(Checkpoint, RefusesAShardOutsideOfItsFolder) {
  for (const std::string_view name : {"\"../x.safetensors\"", "\"/etc/passwd\"", "\"a/b\"", "\"..\"", "\"\"", "7"}) {
    const CheckpointFolder folder;
    folder.add_index("{\"a\": " + std::string(name) + "}");
    EXPECT_EQ(folder.complaint(),
              folder.in("/model.safetensors.index.json: weight_map.a: expected the plain name of a file, found " +
                        std::string(name)));
  }
}

TEST(Checkpoint, RefusesAnIndexWithoutAMap) {
  const CheckpointFolder folder;
  folder.add_index("[]");
  EXPECT_EQ(folder.complaint(), folder.in("/model.safetensors.index.json: weight_map: expected an object, found []"));
}

TEST(Checkpoint, NamesTheFileOfADamagedShard) {
  const CheckpointFolder folder;
  folder.add("model.safetensors", "short");
  EXPECT_EQ(folder.complaint(), folder.in("/model.safetensors: truncated: expected at least 8 bytes, found 5"));
}

}  // namespace
}  // namespace assay
