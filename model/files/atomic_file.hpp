// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Files appear whole or not at all: written under a temporary name beside the target, then renamed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace assay {

/// The temporary name beside `target`. Destroyed without commit(), the temporary file is removed and an existing
/// target survives untouched.
class AtomicFile {
 public:
  /// Throws Error if the folder does not exist or cannot be written.
  explicit AtomicFile(std::filesystem::path target);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  [[nodiscard]] const std::filesystem::path& temporary() const { return temporary_; }

  /// Flushes to disk and renames. Throws Error.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
};

/// Writes `text` to `path` whole. Throws Error.
void write_text_file(const std::filesystem::path& path, std::string_view text);

/// Reads a whole file. Throws Error.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path);

}  // namespace assay
