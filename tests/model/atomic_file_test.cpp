// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/atomic_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "tests/support/error_of.hpp"
#include "tests/support/temporary_folder.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// No file of this process may grow beyond a limit: what a full disk looks like from inside.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t limit_bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{limit_bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(AtomicFile, AppearsOnlyWhenCommitted) {
  const test::TemporaryFolder folder;
  const fs::path target = folder.path() / "out.h5";
  AtomicFile file(target);
  std::ofstream(file.temporary()) << "whole";
  EXPECT_FALSE(fs::exists(target));
  file.commit();
  EXPECT_EQ(read_text_file(target), "whole");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(AtomicFile, LeavesTheOldFileAndNoOtherWhenAbandoned) {
  const test::TemporaryFolder folder;
  const fs::path target = folder.add("out.h5", "old");
  {
    const AtomicFile file(target);
    std::ofstream(file.temporary()) << "half";
  }
  EXPECT_EQ(read_text_file(target), "old");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(AtomicFile, PutsItsTemporaryFileBesideTheTarget) {
  const test::TemporaryFolder folder;
  const AtomicFile file(folder.path() / "out.h5");
  EXPECT_EQ(file.temporary().parent_path(), folder.path());
  EXPECT_EQ(file.temporary().extension(), ".tmp");
}

TEST(AtomicFile, RefusesAFolderAsTarget) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(test::error_of([&] { AtomicFile{folder.path()}; }),
            folder.path().string() + ": cannot be written: expected a regular file or none, found a folder");
}

TEST(AtomicFile, RefusesToReplaceADevice) {
  EXPECT_EQ(test::error_of([] { AtomicFile("/dev/full"); }),
            "/dev/full: cannot be written: expected a regular file or none, found a special file");
}

TEST(AtomicFile, RefusesAMissingFolder) {
  EXPECT_EQ(test::error_of([] { AtomicFile("/nowhere/out.h5"); }),
            "/nowhere/out.h5: cannot be written: No such file or directory");
}

TEST(AtomicFile, SaysThatItsTemporaryFileWentAway) {
  const test::TemporaryFolder folder;
  AtomicFile file(folder.path() / "out.h5");
  fs::remove(file.temporary());
  EXPECT_EQ(test::error_of([&] { file.commit(); }),
            (folder.path() / "out.h5").string() + ": cannot be flushed to disk: No such file or directory");
}

TEST(WriteTextFile, ReplacesAFile) {
  const test::TemporaryFolder folder;
  const fs::path target = folder.add("report.md", "old");
  write_text_file(target, "new");
  EXPECT_EQ(read_text_file(target), "new");
}

TEST(WriteTextFile, KeepsTheOldFileWhenTheDiskIsFull) {
  const test::TemporaryFolder folder;
  const fs::path target = folder.add("report.md", "old");
  std::string message;
  {
    const FileSizeLimit limit(1000);
    message = test::error_of([&] { write_text_file(target, std::string(5000, 'x')); });
  }
  EXPECT_EQ(message, target.string() + ": cannot be written: File too large");
  EXPECT_EQ(read_text_file(target), "old");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(ReadTextFile, ReadsMoreThanOneBlock) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(read_text_file(folder.add("long", std::string(200000, 'x'))).size(), 200000U);
}

TEST(ReadTextFile, NamesAFolderAndAMissingFile) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(test::error_of([&] { (void)read_text_file(folder.path()); }),
            folder.path().string() + ": cannot be read: Is a directory");
  EXPECT_EQ(test::error_of([] { (void)read_text_file("/nowhere/file"); }),
            "/nowhere/file: cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace assay
