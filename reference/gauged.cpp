// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/gauged.hpp"

namespace assay::reference {

std::vector<double> values_of(std::span<const Gauged> numbers) {
  std::vector<double> values;
  for (const Gauged& number : numbers) values.push_back(number.value);
  return values;
}

}  // namespace assay::reference
