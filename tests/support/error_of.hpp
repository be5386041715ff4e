// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What an action complains about.
#pragma once

#include <functional>
#include <string>

namespace assay::test {

/// The message of the Error that `action` throws; fails the test, and gives "", where it throws none.
[[nodiscard]] std::string error_of(const std::function<void()>& action);

}  // namespace assay::test
