// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/sha256.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "model/error.hpp"

namespace assay {

std::string sha256(std::span<const std::byte> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length_bytes = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length_bytes, EVP_sha256(), nullptr) != 1) {
    throw Error("SHA-256: OpenSSL could not compute it");
  }
  std::string text;
  text.reserve(2 * std::size_t{length_bytes});
  for (unsigned int index = 0; index < length_bytes; ++index) text += fmt::format("{:02x}", digest[index]);
  return text;
}

}  // namespace assay
