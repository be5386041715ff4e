// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a golden's own null distribution says an engine may be off by.
#pragma once

#include "golden/format/gates_file.hpp"
#include "golden/format/null_distribution.hpp"

namespace assay::golden {

struct Calibration {
  NullDistribution noise;
  CaseGates gates;
};

}  // namespace assay::golden
