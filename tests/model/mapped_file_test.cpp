// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/mapped_file.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "tests/support/error_of.hpp"
#include "tests/support/temporary_folder.hpp"

namespace assay {
namespace {

TEST(MappedFile, ShowsTheBytesOfAFile) {
  const test::TemporaryFolder folder;
  const MappedFile file(folder.add("three", "abc"));
  ASSERT_EQ(file.bytes().size(), 3U);
  EXPECT_EQ(file.bytes()[1], std::byte{'b'});
}

TEST(MappedFile, ShowsNothingOfAnEmptyFile) {
  const test::TemporaryFolder folder;
  EXPECT_TRUE(MappedFile(folder.add("empty", "")).bytes().empty());
}

TEST(MappedFile, KeepsItsAddressWhenMoved) {
  const test::TemporaryFolder folder;
  MappedFile file(folder.add("three", "abc"));
  const std::byte* const address = file.bytes().data();
  const MappedFile moved(std::move(file));
  EXPECT_EQ(moved.bytes().data(), address);
  EXPECT_EQ(moved.bytes()[2], std::byte{'c'});
}

TEST(MappedFile, NamesAMissingFile) {
  EXPECT_EQ(test::error_of([] { MappedFile("/nowhere/file"); }),
            "/nowhere/file: cannot be opened: No such file or directory");
}

TEST(MappedFile, RefusesAFolder) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(test::error_of([&] { MappedFile{folder.path()}; }), folder.path().string() + ": expected a regular file");
}

}  // namespace
}  // namespace assay
