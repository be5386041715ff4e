// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What must be the same for two times to be compared, as far as the machine says it.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace assay::bench {

/// For Result::machine: "cpu", "instructions" (the sets that an engine may choose its kernels by), "cores" (usable by
/// this process), "memory" (in whole GiB), "kernel", "hypervisor" ("yes" or "no"), "governor", "huge pages", "compiler"
/// (of this program). What the machine does not say is left out. `root` is where /proc and /sys are looked for.
[[nodiscard]] std::map<std::string, std::string> fingerprint(const std::filesystem::path& root = "/");

}  // namespace assay::bench
