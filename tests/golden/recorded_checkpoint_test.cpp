// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/recorded_checkpoint.hpp"

#include <gtest/gtest.h>

#include "model/files/sha256.hpp"
#include "tests/support/error_of.hpp"

namespace assay::golden {
namespace {

using test::error_of;

const std::string good =
    R"({"path": "/models/x", "tensors": {"a.weight": {"dtype": "float32", "shape": [2, 3], "sha256": "00ff"}}})";

TEST(RecordedCheckpoint, IsReadAsWritten) {
  const RecordedCheckpoint checkpoint = parse_recorded_checkpoint(good, "g.h5: /checkpoint");
  EXPECT_EQ(checkpoint.path, "/models/x");
  ASSERT_EQ(checkpoint.tensors.size(), 1U);
  const RecordedTensor& tensor = checkpoint.tensors.at("a.weight");
  EXPECT_EQ(tensor.dtype, "float32");
  EXPECT_EQ(tensor.shape, (Shape{2, 3}));
  EXPECT_EQ(tensor.sha256, "00ff");
}

std::string refusal(std::string_view text) {
  return error_of([&] { (void)parse_recorded_checkpoint(text, "g.h5: /checkpoint"); });
}

TEST(RecordedCheckpoint, NamesWhatIsMissingOrOfAnotherType) {
  EXPECT_EQ(refusal("[]"), "g.h5: /checkpoint: root: expected an object, found something else");
  EXPECT_EQ(refusal(R"({"path": "x"})"), "g.h5: /checkpoint: tensors: expected a value, found none");
  EXPECT_EQ(refusal(R"({"tensors": {}})"), "g.h5: /checkpoint: path: expected a value, found none");
  EXPECT_EQ(refusal(R"({"path": 5, "tensors": {}})"),
            "g.h5: /checkpoint: path: expected a string, found something else");
  EXPECT_EQ(refusal(R"({"path": "x", "tensors": {"a": 5}})"),
            "g.h5: /checkpoint: a: tensor: expected an object, found something else");
  EXPECT_EQ(refusal(R"({"path": "x", "tensors": {"a": {"dtype": "float32", "sha256": "0", "shape": [-1]}}})"),
            "g.h5: /checkpoint: a: shape: expected numbers from 0 up, found something else");
  EXPECT_EQ(refusal(R"({"path": "x", "tensors": {"a": {"dtype": "float32", "shape": [1]}}})"),
            "g.h5: /checkpoint: a: sha256: expected a value, found none");
  EXPECT_TRUE(refusal("{").starts_with("g.h5: /checkpoint")) << refusal("{");
}

/// Weights in memory.
class Source : public TensorSource {
 public:
  void add(const std::string& name, DType dtype, const Shape& shape) {
    tensors_[name] = {dtype, shape, std::span(bytes_).first(elements(shape) * size_bytes(dtype)), "x.safetensors"};
  }
  [[nodiscard]] const std::map<std::string, StoredTensor>& tensors() const override { return tensors_; }
  [[nodiscard]] const std::string& where() const override { return where_; }
  [[nodiscard]] std::string hash(std::size_t bytes) const { return sha256(std::span(bytes_).first(bytes)); }

 private:
  std::string where_ = "x";
  std::vector<std::byte> bytes_ = std::vector<std::byte>(64, std::byte{7});
  std::map<std::string, StoredTensor> tensors_;
};

RecordedCheckpoint recorded(const Source& source) {
  RecordedCheckpoint checkpoint;
  checkpoint.tensors["a"] = {"bfloat16", {2, 3}, source.hash(12)};
  return checkpoint;
}

TEST(StaleTensors, AreNoneWhereAllIsTheSame) {
  Source source;
  source.add("a", DType::bf16, {2, 3});
  EXPECT_TRUE(stale_tensors(recorded(source), source).empty());
}

TEST(StaleTensors, AreNamedWhereTheyAreGoneOrNew) {
  Source source;
  source.add("b", DType::bf16, {2, 3});
  EXPECT_EQ(stale_tensors(recorded(source), source),
            (std::vector<std::string>{"a: expected [2, 3] bfloat16, found none",
                                      "b: expected no such tensor, found [2, 3] (x.safetensors)"}));
}

TEST(StaleTensors, AreNamedWhereTheBytesDiffer) {
  Source source;
  source.add("a", DType::bf16, {2, 3});
  RecordedCheckpoint checkpoint = recorded(source);
  checkpoint.tensors["a"].sha256 = std::string(64, '0');
  const auto differences = stale_tensors(checkpoint, source);
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_TRUE(differences[0].starts_with("a: expected sha256 0000000000000000..., found ")) << differences[0];
}

TEST(StaleTensors, TheSameBytesOfAnotherTypeOrShapeAreOthers) {
  Source half;
  half.add("a", DType::f16, {2, 3});
  EXPECT_EQ(stale_tensors(recorded(half), half),
            (std::vector<std::string>{"a: expected [2, 3] bfloat16, found [2, 3] float16 (x.safetensors)"}));
  Source turned;
  turned.add("a", DType::bf16, {3, 2});
  EXPECT_EQ(stale_tensors(recorded(turned), turned),
            (std::vector<std::string>{"a: expected [2, 3] bfloat16, found [3, 2] bfloat16 (x.safetensors)"}));
}

}  // namespace
}  // namespace assay::golden
