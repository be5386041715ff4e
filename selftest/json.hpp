// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The kill matrix for scripts: schema "assay.selftest/1".
#pragma once

#include <boost/json/object.hpp>

#include "selftest/kill_matrix.hpp"

namespace assay::selftest {

/// pretty_json() writes it: a change that is infinite is bare Infinity.
[[nodiscard]] boost::json::object json(const KillMatrix& matrix, double seconds);

}  // namespace assay::selftest
