// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which sites of a run are judged.
#pragma once

#include <limits>
#include <string>
#include <string_view>

#include "model/probe.hpp"

namespace assay::golden {

struct Selection {
  std::string sites = "*";  ///< shell patterns of site names, separated by commas
  std::size_t first_layer = 0;
  std::size_t end_layer = std::numeric_limits<std::size_t>::max();  ///< one past the last

  /// Sites of the model belong to no layer: they are in unless layers were asked for.
  [[nodiscard]] bool includes(const ProbePoint& point) const;

  bool operator==(const Selection&) const = default;
};

/// Throws Error unless every pattern of `text` matches at least one site of the vocabulary.
void check_site_patterns(std::string_view text);

/// "3:7" is layers 3 to 6, "3:" from 3 on, ":7" up to 6, "3" layer 3 alone. Throws Error on anything else.
void parse_layers(std::string_view text, Selection& selection);

}  // namespace assay::golden
