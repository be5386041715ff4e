// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A checkpoint folder: config.json, and one safetensors file or shards with their index, all mapped read-only.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/files/mapped_file.hpp"
#include "model/tensor_source.hpp"

namespace assay {

class Checkpoint : public TensorSource {
 public:
  /// Maps `folder`/model.safetensors, or the shards named by model.safetensors.index.json. Throws Error on anything
  /// that is not as the format says: header length, header JSON, dtypes, offsets, overlaps, gaps, missing shards, a
  /// tensor that the index places elsewhere.
  explicit Checkpoint(const std::filesystem::path& folder);

  [[nodiscard]] const std::map<std::string, StoredTensor>& tensors() const override { return tensors_; }
  [[nodiscard]] const std::string& where() const override { return where_; }
  [[nodiscard]] const std::string& config_text() const { return config_text_; }
  [[nodiscard]] const std::filesystem::path& config_path() const { return config_path_; }

 private:
  std::string where_;
  std::filesystem::path config_path_;
  std::string config_text_;
  std::vector<MappedFile> files_;
  std::map<std::string, StoredTensor> tensors_;
};

}  // namespace assay
