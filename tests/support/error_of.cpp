// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/error_of.hpp"

#include <gtest/gtest.h>

#include "model/error.hpp"

namespace assay::test {

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "expected an Error, found none";
  return "";
}

}  // namespace assay::test
