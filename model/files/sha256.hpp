// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// SHA-256 as lower-case hexadecimal (OpenSSL's, which uses the processor's own instructions where it has them).
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace assay {

[[nodiscard]] std::string sha256(std::span<const std::byte> bytes);

}  // namespace assay
