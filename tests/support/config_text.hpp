// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The text of small configs of the four architectures. Every extent differs from every other as far as the rules allow.
#pragma once

#include <string>
#include <string_view>

namespace assay::test {

[[nodiscard]] std::string granite_moe_text();
[[nodiscard]] std::string granite_moe_shared_text();
[[nodiscard]] std::string granite_moe_hybrid_text();
[[nodiscard]] std::string phimoe_text();

/// The config with more members; of duplicate keys the last wins.
[[nodiscard]] std::string with(std::string_view config, std::string_view members);

/// The config without one member that is there.
[[nodiscard]] std::string without(std::string_view config, std::string_view key);

}  // namespace assay::test
