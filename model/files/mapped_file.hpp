// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A file mapped read-only into memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace assay {

class MappedFile {
 public:
  /// Throws Error if the file cannot be opened or mapped. An empty file is an empty span.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

/// Lets the system take back the memory of whole pages inside `mapped`, part of a mapped file; they are read again
/// where they are needed again. For readers that go through a file once.
void drop_pages(std::span<const std::byte> mapped);

}  // namespace assay
