// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/safetensors.hpp"

#include <gtest/gtest.h>

#include "tests/support/error_of.hpp"
#include "tests/support/safetensors_file.hpp"

namespace assay {
namespace {

std::map<std::string, StoredTensor> read(const std::string& file) {
  return read_safetensors(test::as_bytes(file), "w.safetensors");
}
std::string complaint(const std::string& file) {
  return test::error_of([&] { (void)read(file); });
}
std::string complaint(std::string_view header, std::size_t data_bytes) {
  return complaint(test::safetensors(header, std::string(data_bytes, '\0')));
}
std::string complaint_of_entry(const std::string& entry, std::size_t data_bytes = 8) {
  return complaint("{\"a.weight\":" + entry + "}", data_bytes);
}

TEST(Safetensors, ShowsTensorsAsTheyAreStored) {
  const std::string file =
      test::safetensors(R"({"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[2,1],"data_offsets":[3,7]},)"
                        R"("a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}  )",
                        "xyz\x01\x02\x03\x04");
  const auto tensors = read(file);
  ASSERT_EQ(tensors.size(), 2U);
  EXPECT_EQ(tensors.at("b").dtype, DType::bf16);
  EXPECT_EQ(tensors.at("b").shape, (Shape{2, 1}));
  ASSERT_EQ(tensors.at("b").bytes.size(), 4U);
  EXPECT_EQ(tensors.at("b").bytes[3], std::byte{4});
  EXPECT_EQ(tensors.at("a").bytes[0], std::byte{'x'});
  EXPECT_EQ(tensors.at("a").file, "w.safetensors");
}

TEST(Safetensors, TakesScalarsAndEmptyTensors) {
  const auto tensors = read(test::safetensors(
      R"({"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"e":{"dtype":"F32","shape":[0,5],"data_offsets":[4,4]}})",
      "1234"));
  EXPECT_EQ(tensors.at("s").shape, Shape{});
  EXPECT_TRUE(tensors.at("e").bytes.empty());
}

TEST(Safetensors, TakesAFileWithoutTensors) { EXPECT_TRUE(read(test::safetensors("{}", "")).empty()); }

TEST(Safetensors, RefusesAFileWithoutALength) {
  EXPECT_EQ(complaint("1234567"), "w.safetensors: truncated: expected at least 8 bytes, found 7");
}

TEST(Safetensors, RefusesAHeaderLongerThanTheFile) {
  EXPECT_EQ(complaint(std::string("\x10\0\0\0\0\0\0\0{}", 10)),
            "w.safetensors: truncated: expected a header of 16 bytes, found 2");
}

TEST(Safetensors, RefusesAnAbsurdHeaderLength) {
  EXPECT_EQ(complaint(std::string(8, '\xFF')),
            "w.safetensors: header length: expected at most 100000000 bytes, found 18446744073709551615");
}

TEST(Safetensors, RefusesAHeaderThatDoesNotStartWithABrace) {
  for (const std::string_view header : {"", " {}", "[]", "\xEF\xBB\xBF{}"}) {
    EXPECT_EQ(complaint(header, 0), "w.safetensors: header: expected it to start with '{'") << header;
  }
}

TEST(Safetensors, RefusesAHeaderThatIsNotJson) {
  EXPECT_EQ(complaint("{\"a\"}", 0), "w.safetensors: header: line 1, column 5: not valid JSON: syntax error");
  EXPECT_NE(complaint(std::string_view("{}\0", 3), 0).find("not valid JSON: extra data"), std::string::npos);
}

TEST(Safetensors, RefusesANameThatComesTwice) {
  const std::string message = complaint(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                        R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                                        2);
  EXPECT_NE(message.find("the key \"a\" twice"), std::string::npos) << message;
}

TEST(Safetensors, RefusesMetadataThatAreNotStrings) {
  EXPECT_EQ(complaint(R"({"__metadata__":{"step":3}})", 0),
            "w.safetensors: __metadata__.step: expected a string, found 3");
  EXPECT_EQ(complaint(R"({"__metadata__":[]})", 0),
            "w.safetensors: __metadata__: expected an object of strings, found []");
}

TEST(Safetensors, RefusesAnEntryThatIsNotAnObject) {
  EXPECT_EQ(complaint_of_entry("7"),
            "w.safetensors: a.weight: expected an object with dtype, shape and data_offsets, found 7");
}

TEST(Safetensors, RefusesAnEntryWithAMissingKey) {
  EXPECT_EQ(complaint_of_entry(R"({"dtype":"F32","shape":[2]})"),
            "w.safetensors: a.weight: data_offsets: expected in the header, found nothing");
}

TEST(Safetensors, RefusesAnEntryWithAnUnknownKey) {
  EXPECT_EQ(complaint_of_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"scale":1})"),
            "w.safetensors: a.weight: expected dtype, shape and data_offsets only, found also scale");
}

TEST(Safetensors, NamesADtypeThatItDoesNotKnow) {
  EXPECT_EQ(complaint_of_entry(R"({"dtype":"I16","shape":[4],"data_offsets":[0,8]})"),
            "w.safetensors: a.weight: dtype: expected F64, F32, F16, BF16, I64, I32 or U8, found \"I16\"");
  EXPECT_NE(complaint_of_entry(R"({"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]})").find("\"F8_E4M3\""),
            std::string::npos);
}

TEST(Safetensors, RefusesShapesThatAreNotExtents) {
  for (const std::string_view shape : {"[-2]", "[2.0]", "\"2\"", "[true]", "null", "[NaN]"}) {
    EXPECT_NE(complaint_of_entry(R"({"dtype":"F32","shape":)" + std::string(shape) + R"(,"data_offsets":[0,8]})")
                  .find("a.weight: shape: expected a list of integers from 0, found"),
              std::string::npos)
        << shape;
  }
}

TEST(Safetensors, RefusesOffsetsThatAreNotARange) {
  EXPECT_EQ(complaint_of_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"),
            "w.safetensors: a.weight: data_offsets: expected [begin, end] with begin <= end, found [8,0]");
  EXPECT_EQ(complaint_of_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0]})"),
            "w.safetensors: a.weight: data_offsets: expected [begin, end] with begin <= end, found [0]");
}

TEST(Safetensors, RefusesOffsetsThatDoNotFitTheShape) {
  EXPECT_EQ(complaint_of_entry(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"),
            "w.safetensors: a.weight: data_offsets: expected 12 bytes for [3] f32, found 8 bytes");
}

TEST(Safetensors, RefusesAShapeWhoseSizeOverflows) {
  const std::string message =
      complaint_of_entry(R"({"dtype":"F32","shape":[8589934592,8589934592],"data_offsets":[0,8]})");
  EXPECT_EQ(message,
            "w.safetensors: a.weight: data_offsets: expected at most 2^64 - 1 bytes for [8589934592, 8589934592] f32, "
            "found 8 bytes");
}

TEST(Safetensors, RefusesOverlappingTensors) {
  EXPECT_EQ(complaint(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                      R"("b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}})",
                      7),
            "w.safetensors: b: overlap: expected its data to begin at 4, after a, found 3");
}

TEST(Safetensors, RefusesAHole) {
  EXPECT_EQ(complaint(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                      R"("b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}})",
                      9),
            "w.safetensors: b: hole: expected its data to begin at 4, after a, found 5");
  EXPECT_EQ(complaint_of_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[1,9]})", 9),
            "w.safetensors: a.weight: hole: expected its data to begin at 0, after the header, found 1");
}

TEST(Safetensors, RefusesDataThatEndTooEarly) {
  EXPECT_EQ(complaint_of_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 7),
            "w.safetensors: a.weight: truncated: expected data up to byte 8, found 7 bytes of data");
}

TEST(Safetensors, RefusesDataThatNobodyOwns) {
  EXPECT_EQ(complaint_of_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 9),
            "w.safetensors: oversized: expected 8 bytes of data, found 9");
}

}  // namespace
}  // namespace assay
