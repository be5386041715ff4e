// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Between which bounds a figure lies.
#pragma once

namespace assay::bench {

struct Interval {
  double low = 0;
  double high = 0;
};

}  // namespace assay::bench
