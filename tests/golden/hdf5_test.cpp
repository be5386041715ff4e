// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/hdf5.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <cstring>

#include "model/files/atomic_file.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/golden_copy.hpp"

namespace assay::test {
namespace {

/// Bytes that no two neighbours of are alike.
std::vector<std::byte> pattern(std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>((i * 37 + i / 251) & 0xFFU);
  return bytes;
}

struct Stored {
  DType dtype;
  Shape shape;
};

class Hdf5RoundTrip : public testing::TestWithParam<DType> {};

TEST_P(Hdf5RoundTrip, KeepsEveryBitShapeAndDtypeSmallAndLarge) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "a.h5";
  // Contiguous, chunked, and of several chunks; a scalar; nothing at all.
  const std::vector<Shape> shapes{{3, 5}, {7, 9, 33}, {3, 700'001}, {}, {0, 4}};
  {
    Hdf5Writer writer(path);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      writer.dataset("/deep/in/d" + std::to_string(i), GetParam(), shapes[i],
                     pattern(elements(shapes[i]) * size_bytes(GetParam())));
    }
    writer.close();
  }
  const Hdf5Reader reader(path);
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const std::string name = "/deep/in/d" + std::to_string(i);
    const auto about = reader.describe(name);
    EXPECT_EQ(about.dtype, GetParam());
    EXPECT_EQ(about.shape, shapes[i]);
    const std::size_t bytes = elements(shapes[i]) * size_bytes(GetParam());
    EXPECT_EQ(about.chunked, bytes >= 512);
    EXPECT_EQ(about.fletcher32, bytes >= 512);
    EXPECT_EQ(reader.read_bytes(name), pattern(bytes)) << to_string(shapes[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(DType, Hdf5RoundTrip,
                         testing::Values(DType::f64, DType::f32, DType::f16, DType::bf16, DType::i64, DType::u8),
                         [](const auto& of_dtype) { return std::string(name(of_dtype.param)); });

class Hdf5File : public testing::Test {
 protected:
  [[nodiscard]] const Hdf5Reader& reader() {
    if (!reader_) reader_.emplace(path_);
    return *reader_;
  }
  [[nodiscard]] std::string named(const std::string& rest) const { return path_.string() + ": " + rest; }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "a.h5";
  std::optional<Hdf5Reader> reader_;
};

TEST_F(Hdf5File, KeepsAttributesOfEveryLength) {
  {
    Hdf5Writer writer(path_);
    writer.group("/g");
    writer.attribute("/", "empty", "");
    writer.attribute("/g", "text", "Grüße, \"Assay\"");
    writer.attribute("/g", "least", std::numeric_limits<std::int64_t>::min());
    writer.close();
  }
  EXPECT_EQ(reader().string_attribute("/", "empty"), "");
  EXPECT_EQ(reader().string_attribute("/g", "text"), "Grüße, \"Assay\"");
  EXPECT_EQ(reader().integer_attribute("/g", "least"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(reader().string_attribute("/g", "none"), std::nullopt);
  EXPECT_EQ(reader().integer_attribute("/g", "none"), std::nullopt);
  EXPECT_EQ(error_of([&] { (void)reader().integer_attribute("/g", "text"); }),
            named("/g: attribute text: expected one integer, found something else"));
  EXPECT_EQ(error_of([&] { (void)reader().string_attribute("/g", "least"); }),
            named("/g: attribute least: expected one string, found something else"));
}

TEST_F(Hdf5File, ReadsStringsOfVariableLengthAsThoseOfFixedLength) {
  {
    const Hdf5Handle file{H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose};
    const Hdf5Handle type{H5Tcopy(H5T_C_S1), H5Tclose};
    H5Tset_size(type.id(), H5T_VARIABLE);
    H5Tset_cset(type.id(), H5T_CSET_UTF8);
    const Hdf5Handle space{H5Screate(H5S_SCALAR), H5Sclose};
    const Hdf5Handle made{H5Acreate2(file.id(), "text", type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose};
    const char* text = "größer";
    ASSERT_GE(H5Awrite(made.id(), type.id(), static_cast<const void*>(&text)), 0);
  }
  EXPECT_EQ(reader().string_attribute("/", "text"), "größer");
}

TEST_F(Hdf5File, TheSameCallsWriteTheSameBytes) {
  const auto write = [&](const std::string& name) {
    Hdf5Writer writer(folder_.path() / name);
    writer.attribute("/", "text", "x");
    writer.group("/g/h");
    writer.attribute("/g/h", "number", std::int64_t{5});
    writer.dataset("/g/small", DType::f32, {3}, pattern(12));
    writer.dataset("/g/large", DType::bf16, {30, 100}, pattern(6000));
    writer.close();
    return read_text_file(folder_.path() / name);
  };
  const std::string first = write("first.h5");
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(first, write("second.h5"));
}

TEST_F(Hdf5File, ListsTheMembersOfAGroupByName) {
  {
    Hdf5Writer writer(path_);
    for (const char* name : {"/g/010", "/g/002", "/g/100"}) writer.group(name);
    writer.close();
  }
  EXPECT_EQ(reader().children("/g"), (std::vector<std::string>{"002", "010", "100"}));
  EXPECT_TRUE(reader().has("/g/002"));
  EXPECT_FALSE(reader().has("/g/003"));
  EXPECT_FALSE(reader().has("/h/002"));
  EXPECT_TRUE(reader().has("/"));
}

TEST_F(Hdf5File, NoConversionTakesPlace) {
  {
    Hdf5Writer writer(path_);
    writer.dataset("/d", DType::f32, {3}, pattern(12));
    writer.close();
  }
  EXPECT_EQ(error_of([&] { (void)reader().read<double>("/d"); }), named("/d: expected f64, found f32"));
}

TEST_F(Hdf5File, AMissingFileAndOneOfAnotherKindAreToldApart) {
  EXPECT_EQ(error_of([&] { Hdf5Reader absent(path_); }), named("expected an HDF5 file, found no such file"));
  const auto text = folder_.add("b.h5", "not HDF5 at all");
  EXPECT_EQ(error_of([&] { Hdf5Reader other(text); }), text.string() + ": expected an HDF5 file, found something else");
  const auto empty = folder_.add("c.h5", "");
  EXPECT_EQ(error_of([&] { Hdf5Reader other(empty); }),
            empty.string() + ": expected an HDF5 file, found something else");
  EXPECT_EQ(error_of([&] { Hdf5Reader other(folder_.path()); }),
            folder_.path().string() + ": expected an HDF5 file, found no such file");
}

// Checksums, on a golden.

TEST(Hdf5Checksum, AFlippedBitOfContiguousDataIsRefused) {
  GoldenCopy copy("phimoe_bias");
  const std::string name = "/calls/000/truth/layers/000/router_margin";  // 12 float64: contiguous
  const std::vector<std::byte> stored = Hdf5Reader(copy.path()).read_bytes(name);
  std::string file = read_text_file(copy.path());
  const std::size_t at = file.find(std::string(reinterpret_cast<const char*>(stored.data()), stored.size()));
  ASSERT_NE(at, std::string::npos);
  file[at + 5] = static_cast<char>(file[at + 5] ^ 0x10);
  const auto path = copy.folder().add("flipped.h5", file);
  const std::string message = error_of([&] { (void)Hdf5Reader(path).read_bytes(name); });
  EXPECT_TRUE(message.starts_with(path.string() + ": " + name + ": checksum: expected sha256 ")) << message;
}

TEST(Hdf5Checksum, AFlippedBitOfChunkedDataIsRefused) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.h5";
  {
    Hdf5Writer writer(path);
    std::vector<std::byte> noise(4096);
    std::uint32_t state = 12345;
    for (std::byte& byte : noise) byte = static_cast<std::byte>((state = state * 1664525U + 1013904223U) >> 24U);
    writer.dataset("/d", DType::u8, {4096}, noise);
    writer.close();
  }
  std::string file = read_text_file(path);
  file[file.size() / 2] = static_cast<char>(file[file.size() / 2] ^ 0x01);  // noise fills nearly all of the file
  folder.add("a.h5", file);
  const std::string message = error_of([&] { (void)Hdf5Reader(path).read_bytes("/d"); });
  EXPECT_TRUE(message.starts_with(path.string() + ": /d: checksum or read error: ")) << message;
}

TEST(Hdf5Checksum, ContiguousDataWithoutASha256AreRefused) {
  GoldenCopy copy("phimoe_bias");
  const std::string name = "/calls/000/truth/layers/000/router_margin";
  copy.remove_attribute(name, "sha256");
  EXPECT_EQ(error_of([&] { (void)Hdf5Reader(copy.path()).read_bytes(name); }),
            copy.file() + ": " + name + ": expected an attribute sha256 on contiguous data, found none");
}

TEST(Hdf5Checksum, ChunkedDataWithoutFletcher32AreRefused) {
  GoldenCopy copy("phimoe_bias");
  const std::string name = "/calls/000/truth/embed_out";
  copy.unchecked_dataset(name, DType::f64, {3, 4, 24}, pattern(3 * 4 * 24 * 8), GoldenCopy::Layout::chunked);
  EXPECT_EQ(error_of([&] { (void)Hdf5Reader(copy.path()).read_bytes(name); }),
            copy.file() + ": " + name + ": expected chunked data with fletcher32, found none");
}

TEST(Hdf5Checksum, ChunksThatWereNeverWrittenAreNoZeros) {
  GoldenCopy copy("phimoe_bias");
  const std::string name = "/calls/000/truth/embed_out";
  copy.unwritten_dataset(name, DType::f64, {3, 4, 24});
  EXPECT_EQ(error_of([&] { (void)Hdf5Reader(copy.path()).read_bytes(name); }),
            copy.file() + ": " + name + ": expected 288 chunks, found 0");
}

TEST(Hdf5Checksum, AnExtentThatNoFileCanHoldIsRefused) {
  GoldenCopy copy("phimoe_bias");
  const std::string name = "/calls/000/truth/embed_out";
  const std::size_t huge = std::size_t{1} << 33U;  // its square is 4 modulo 2^64
  for (const Shape& shape : {Shape{huge}, Shape{huge, huge}, Shape{huge, huge, 4}}) {
    copy.unwritten_dataset(name, DType::u8, shape);
    const std::string message = error_of([&] { (void)Hdf5Reader(copy.path()).read_bytes(name); });
    EXPECT_TRUE(message.starts_with(copy.file() + ": " + name + ": expected data that a file of ")) << message;
  }
}

}  // namespace
}  // namespace assay::test
