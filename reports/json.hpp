// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The results for scripts: the schema assay.verify/1.
#pragma once

#include <string>

#include "golden/judge/result.hpp"

namespace assay::reports {

/// An object with "schema", "verdict", "results" and, where both engines ran, "triangle" (see reports/triangle).
/// Doubles read back as they were. JSON has no NaN and no infinities: such numbers are the strings "NaN", "Infinity"
/// and "-Infinity". null stands for the layer of a site of the model, for the threads and weights of an engine that has
/// no such setting, for the first_divergence of a case without one, and for max_abs, rel_l2, max_ulp, cosine,
/// expected, actual and headroom of a site that has no figures because it is missing or empty. headroom is what is left
/// of the closest limit or gate, as a part of it: negative beyond. digits are null where no numbers were compared.
[[nodiscard]] std::string to_json(const golden::Verification& verification);

}  // namespace assay::reports
