// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/safetensors_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <stdexcept>

namespace assay::test {

std::string safetensors(std::string_view header, std::string_view data) {
  std::string file;
  for (unsigned int byte = 0; byte < 8; ++byte) {
    file += static_cast<char>((std::uint64_t{header.size()} >> (8U * byte)) & 0xFFU);
  }
  return file.append(header).append(data);
}

std::string safetensors(const std::map<std::string, Shape>& shapes, std::string_view dtype, char fill) {
  const std::optional<DType> type = dtype_from_safetensors(dtype);
  if (!type) throw std::logic_error("not a dtype we build");
  std::string header = "{";
  std::size_t at = 0;
  for (const auto& [name, shape] : shapes) {
    const std::size_t end = at + elements(shape) * size_bytes(*type);
    header += fmt::format(R"({}"{}":{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", header.size() > 1 ? "," : "",
                          name, dtype, to_string(shape), at, end);
    at = end;
  }
  return safetensors(header + "}", std::string(at, fill));
}

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace assay::test
