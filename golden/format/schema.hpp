// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The names that golden/FORMAT.md fixes.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "model/ids.hpp"
#include "model/probe.hpp"

namespace assay::golden {

inline constexpr std::string_view schema = "assay.golden";
inline constexpr std::string_view schema_version = "1.2";
inline constexpr int schema_major = 1;
inline constexpr int schema_minor = 2;

/// "/calls/003"
[[nodiscard]] inline std::string call_path(CallIndex call) { return fmt::format("/calls/{:03}", call.value); }

/// "/calls/003/truth/layers/011/q_proj"; `values` is "truth", "hf32" or "actual".
[[nodiscard]] inline std::string site_path(CallIndex call, std::string_view values, const ProbePoint& point) {
  const std::string group = fmt::format("{}/{}", call_path(call), values);
  if (!point.layer) return fmt::format("{}/{}", group, name(point.site));
  return fmt::format("{}/layers/{:03}/{}", group, point.layer->value, name(point.site));
}

}  // namespace assay::golden
