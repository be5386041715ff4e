// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/csv.hpp"

#include <fmt/format.h>

#include <string_view>

namespace assay::bench {
namespace {

std::string field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char character : text) {
    if (character == '"') quoted += '"';
    quoted += character;
  }
  return quoted + '"';
}

std::string lines(const Row& row, const std::vector<Sample>& samples, std::string_view arm) {
  const std::string instructions = row.instructions ? fmt::format("{}", *row.instructions) : "";
  std::string text;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    text += fmt::format("{},{},{},{},{},{},{},{},{}\n", field(row.name), arm, i, samples[i].iterations,
                        samples[i].real_seconds, samples[i].cpu_seconds, row.threads, instructions, field(row.invalid));
  }
  return text;
}

}  // namespace

std::string to_csv(const Result& result) {
  std::string text = "name,arm,index,iterations,real_seconds,cpu_seconds,threads,instructions,invalid\n";
  for (const Row& row : result.rows) text += lines(row, row.samples, "sample") + lines(row, row.control, "control");
  return text;
}

}  // namespace assay::bench
