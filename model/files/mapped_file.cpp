// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/mapped_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include "model/error.hpp"
#include "model/files/descriptor.hpp"

namespace assay {
MappedFile::MappedFile(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) fail_with(errno, path, "cannot be opened");
  struct stat status {};
  if (::fstat(file.value(), &status) != 0) fail_with(errno, path, "cannot be mapped");
  if (!S_ISREG(status.st_mode)) throw Error(fmt::format("{}: expected a regular file", path.string()));
  const auto length_bytes = static_cast<std::size_t>(status.st_size);
  if (length_bytes == 0) return;
  void* const start = ::mmap(nullptr, length_bytes, PROT_READ, MAP_PRIVATE, file.value(), 0);
  if (start == MAP_FAILED) fail_with(errno, path, "cannot be mapped");
  bytes_ = {static_cast<const std::byte*>(start), length_bytes};
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void drop_pages(std::span<const std::byte> mapped) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<std::uintptr_t>(mapped.data());
  const std::uintptr_t begin = (first + page - 1) / page * page;
  const std::uintptr_t end = (first + mapped.size()) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace assay
