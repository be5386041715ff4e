// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "model/error.hpp"
#include "model/files/descriptor.hpp"

namespace assay {
namespace {

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

void flush_to_disk(const std::filesystem::path& path, int flags, const std::filesystem::path& target) {
  const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (!file.is_open() || ::fsync(file.value()) != 0) fail_with(errno, target, "cannot be flushed to disk");
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
  std::error_code ignored;  // a target that cannot be looked at is met again when its folder is written
  const auto status = std::filesystem::status(target_, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw Error(fmt::format("{}: cannot be written: expected a regular file or none, found {}", target_.string(),
                            std::filesystem::is_directory(status) ? "a folder" : "a special file"));
  }
  temporary_ = target_;
  temporary_ += fmt::format(".{}.tmp", ::getpid());
  const Descriptor file(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.is_open()) fail_with(errno, target_, "cannot be written");
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::commit() {
  flush_to_disk(temporary_, O_RDONLY, target_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_with(errno, target_, "cannot be replaced");
  temporary_.clear();
  flush_to_disk(folder_of(target_), O_RDONLY | O_DIRECTORY, target_);
}

void write_text_file(const std::filesystem::path& path, std::string_view text) {
  AtomicFile file(path);
  {
    const Descriptor out(::open(file.temporary().c_str(), O_WRONLY | O_CLOEXEC));
    if (!out.is_open()) fail_with(errno, path, "cannot be written");
    while (!text.empty()) {
      const ssize_t written_bytes = ::write(out.value(), text.data(), text.size());
      if (written_bytes < 0 && errno == EINTR) continue;
      if (written_bytes < 0) fail_with(errno, path, "cannot be written");
      text.remove_prefix(static_cast<std::size_t>(written_bytes));
    }
  }
  file.commit();
}

std::string read_text_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) fail_with(errno, path, "cannot be opened");
  std::string text;
  std::array<char, 65536> block{};
  for (;;) {
    const ssize_t read_bytes = ::read(file.value(), block.data(), block.size());
    if (read_bytes < 0 && errno == EINTR) continue;
    if (read_bytes < 0) fail_with(errno, path, "cannot be read");
    if (read_bytes == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(read_bytes));
  }
}

}  // namespace assay
