// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/machine/fingerprint.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>
#include <vector>

#include "bench/machine/system_file.hpp"

namespace assay::bench {
namespace {

/// Of x86 and of Arm, as /proc/cpuinfo names them.
constexpr std::array<std::string_view, 18> kernel_sets{
    "sse4_2",      "avx",         "avx2",     "fma",      "f16c",  "avx512f", "avx512bw", "avx512vl", "avx512_vnni",
    "avx512_bf16", "avx512_fp16", "amx_bf16", "amx_int8", "asimd", "asimdhp", "bf16",     "i8mm",     "sve"};

std::string trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\n";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(blank) - first + 1));
}

/// What stands behind the first "KEY:" at the front of a line; "" where none does.
std::string line_value(const std::string& text, std::string_view key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos && trimmed(line.substr(0, colon)) == key) return trimmed(line.substr(colon + 1));
  }
  return "";
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string processor(const std::string& cpuinfo) {
  if (std::string model = line_value(cpuinfo, "model name"); !model.empty()) return model;
  const std::string implementer = line_value(cpuinfo, "CPU implementer");
  const std::string part = line_value(cpuinfo, "CPU part");
  return implementer.empty() ? "" : fmt::format("implementer {}, part {}", implementer, part);
}

std::string known_sets(const std::vector<std::string>& flags) {
  std::string sets;
  for (const std::string_view set : kernel_sets) {
    if (std::ranges::find(flags, set) != flags.end()) sets += fmt::format("{}{}", sets.empty() ? "" : " ", set);
  }
  return sets;
}

std::string usable_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) return "";
  return fmt::to_string(CPU_COUNT(&cores));
}

/// A kernel keeps a little for itself, another little in each version: rounded.
std::string whole_gibibytes(const std::string& meminfo) {
  const std::vector<std::string> total = words_of(line_value(meminfo, "MemTotal"));
  if (total.size() != 2 || total[1] != "kB") return "";
  const double gibibytes = std::strtod(total[0].c_str(), nullptr) / (1 << 20);
  return gibibytes < 1 ? "less than 1 GiB" : fmt::format("{:.0f} GiB", gibibytes);
}

/// The choice in brackets of "always [madvise] never".
std::string bracketed(const std::string& text) {
  const std::size_t open = text.find('[');
  const std::size_t close = text.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return "";
  return text.substr(open + 1, close - open - 1);
}

std::string compiler() {
#ifdef __clang__
  return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("gcc {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

}  // namespace

std::map<std::string, std::string> fingerprint(const std::filesystem::path& root) {
  const std::string cpuinfo = system_file(root / "proc/cpuinfo");
  std::string flags_text = line_value(cpuinfo, "flags");
  if (flags_text.empty()) flags_text = line_value(cpuinfo, "Features");
  const std::vector<std::string> flags = words_of(flags_text);
  const bool is_guest = std::ranges::find(flags, "hypervisor") != flags.end();
  std::map<std::string, std::string> machine{
      {"cpu", processor(cpuinfo)},
      {"instructions", known_sets(flags)},
      {"cores", usable_cores()},
      {"memory", whole_gibibytes(system_file(root / "proc/meminfo"))},
      {"kernel", trimmed(system_file(root / "proc/sys/kernel/osrelease"))},
      {"hypervisor", flags.empty() ? ""
                     : is_guest    ? "yes"
                                   : "no"},
      {"governor", trimmed(system_file(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"))},
      {"huge pages", bracketed(system_file(root / "sys/kernel/mm/transparent_hugepage/enabled"))},
      {"compiler", compiler()}};
  std::erase_if(machine, [](const auto& entry) { return entry.second.empty(); });
  return machine;
}

}  // namespace assay::bench
