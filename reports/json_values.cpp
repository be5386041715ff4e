// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/json_values.hpp"

#include <cmath>

#include "reports/text.hpp"

namespace assay::reports {

boost::json::value json_number(double number) {
  if (std::isfinite(number)) return number;
  return std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
}

boost::json::value json_text(std::string_view text) { return boost::json::string(valid_utf8(text)); }

}  // namespace assay::reports
