// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// All cases of this build.
#pragma once

#include "bench/micro/case.hpp"

namespace assay::bench::micro {

[[nodiscard]] Registry all_cases();

}  // namespace assay::bench::micro
