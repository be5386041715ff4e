// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The one exception type: something from outside (a file, an option, a config) is not as it must be.
// A comparison outcome is never an Error; it is a value (see golden/judge).
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace assay {

/// One line that names the file, the key or tensor, what was expected and what was found.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Runs `action`; an Error leaving it gets "context: " in front.
template <class Action>
decltype(auto) with_context(const std::string& context, Action&& action) {
  try {
    return std::forward<Action>(action)();
  } catch (const Error& error) {
    throw Error(context + ": " + error.what());
  }
}

}  // namespace assay
